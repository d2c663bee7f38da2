"""Overwrite everything that is kept about a person (docs/privacy.md); it cannot be taken back."""

import argparse

from infra.operator import deployed
from infra.operator.arguments import add_partner
from infra.operator.erasure import Erasure, Refused
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("subscriber", help="its id")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be overwritten")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    deployed.enter_search(given.stage)
    erasure = Erasure(given.partner, given.subscriber, dry=given.dry_run)
    try:
        erasure.run()
    except Refused as refused:
        return refuse(f"{refused}; nothing was erased")
    counts = [_words(count, *names) for names, count in erasure.counts.items() if count]
    done = "would be overwritten" if given.dry_run else "overwritten"
    print_line(f"{given.subscriber}: {', '.join(counts)} {done}" if counts else f"{given.subscriber} is erased already")
    for kept in erasure.kept:
        print_line(kept)
    return 0


def _words(count: int, one: str, more: str) -> str:
    return f"{count:,} {(one if count == 1 else more).replace('_', ' ')}"
