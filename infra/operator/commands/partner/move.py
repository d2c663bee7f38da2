"""Move a partner to another tier."""

import argparse

from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--tier", required=True)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    partner = changes.move(Entry.of(given.stage), given.partner, given.tier)
    print_line(f"{partner.name} has the limits of the tier {partner.tier}")
    return 0
