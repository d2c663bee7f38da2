"""Say what is to be put right after the table was restored from a backup (docs/restore.md)."""

import argparse
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from functions.shared.moments import RequestInstant
from infra.operator import deployed, restore, restored_table
from infra.operator.arguments import partner_name
from infra.operator.printing import print_line

MOMENT: TypeAdapter[datetime] = TypeAdapter(RequestInstant)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--since", required=True, type=_moment, help="the moment to which the table was restored")
    parser.add_argument("--partner", type=partner_name, help="by default all")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    deployed.enter_system(given.stage)
    todo = 0
    for line, needed in _found(given):
        todo += needed
        print_line(line)
    print_line(f"to be put right: {todo:,}")
    return 1 if todo else 0


def _found(given: argparse.Namespace) -> Iterator[tuple[str, bool]]:
    """Yield a line for each finding, and whether anything is to be done about it."""
    for fault in restored_table.faults(given.stage):
        yield f"table: {fault}", True
    for kind, found in (("unfinished", restore.unfinished()), ("lost", restore.lost(given.since))):
        for each in found:
            if given.partner in {None, each.partner}:
                words = f"{each.repair.why}; {each.repair.what}"
                yield f"{kind}: {each.order_id} of {each.partner}: {words}", each.repair.needed


def _moment(text: str) -> datetime:
    try:
        return MOMENT.validate_python(text)
    except ValidationError:
        raise ArgumentTypeError(f"{text!r} is not a moment like 2026-01-31T00:00:00Z") from None
