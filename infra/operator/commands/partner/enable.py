"""Accept the tokens of a disabled partner again."""

import argparse

from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    changes.enable(given.partner)
    print_line(f"{given.partner} is active: its tokens are accepted")
    return 0
