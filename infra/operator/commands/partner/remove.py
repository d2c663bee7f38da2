"""Remove a disabled partner of which nothing is open. Its data stays, and nobody else can have its name."""

import argparse

from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    changes.remove(Entry.of(given.stage), given.partner)
    print_line(f"{given.partner} is removed: its clients and its API key are gone; its data stays")
    return 0
