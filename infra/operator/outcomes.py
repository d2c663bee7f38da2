"""How a command ends: what it prints when something is refused or fails, and its exit code."""

import argparse
from collections.abc import Callable
from pathlib import Path

from infra.operator.faults import Fault, FileRefused
from infra.operator.printing import print_error


class Refused(Exception):
    """The command is refused; nothing was changed."""


def fail(error: object) -> int:
    """Print why the command failed; return the exit code."""
    print_error(f"error: {error}")
    return 2


def refuse(*lines: str) -> int:
    """Print why the command refuses; return the exit code."""
    for line in lines:
        print_error(line)
    return 1


def of_file(run: Callable[[argparse.Namespace], int], given: argparse.Namespace, done: str) -> int:
    """Run what reads the given file; print the file's faults, if it has any, as then nothing of it was ``done``."""
    try:
        return run(given)
    except FileRefused as refused:
        return _refuse_file(given.file, refused, done)


def _refuse_file(file: Path, refused: FileRefused, done: str) -> int:
    count = len(refused.faults)
    lines = [fault_line(file, fault) for fault in refused.faults]
    return refuse(*lines, f"{file} has {count:,} fault{'s' * (count > 1)}; nothing was {done}")


def fault_line(file: Path, fault: Fault) -> str:
    """Return the line that shows a fault of a file."""
    return ": ".join([f"{file}:{fault.line}", *([fault.location] if fault.location else []), fault.text])
