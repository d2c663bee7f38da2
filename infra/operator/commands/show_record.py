"""Print the records with an id, without secrets."""

import argparse

from infra.operator import show
from infra.operator.arguments import add_partner
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--id", required=True)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    lines = show.records(given.partner, given.id)
    for line in lines:
        print_line(line)
    return 0 if lines else refuse(f"{given.partner} has no record with the id {given.id!r}")
