"""Withdraw the SIMs of a file from the stock, by their ICCIDs."""

import argparse

from infra.operator import sim_file, sim_withdrawal
from infra.operator.arguments import add_file, add_partner
from infra.operator.faults import FileRefused
from infra.operator.outcomes import fault_line, of_file
from infra.operator.printing import print_error, print_line
from infra.operator.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    add_file(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    return of_file(_withdraw, given, "withdrawn")


def _withdraw(given: argparse.Namespace) -> int:
    read = sim_file.read_iccids(given.file)
    if read.faults:
        raise FileRefused(read.faults)
    with Progress("withdrawing", len(read.entries)) as progress:
        done = sim_withdrawal.withdraw(given.partner, read.entries, progress.add)
    for iccid, line in zip(read.entries, read.lines, strict=True):
        if iccid in done.kept:
            print_error(fault_line(given.file, sim_file.fault(line, f"ICCID {iccid}: {done.kept[iccid]}")))
    gone = len({*read.entries}) - done.withdrawn - len(done.kept)
    others = {"were not there": gone, "were not withdrawn": len(done.kept)}
    rest = "".join(f"; {count:,} {what}" for what, count in others.items() if count)
    print_line(f"withdrawn from {given.partner}: {done.withdrawn:,} SIMs{rest}")
    return 1 if done.kept else 0
