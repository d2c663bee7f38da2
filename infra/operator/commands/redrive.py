"""Handle again what was given up on, and remove it from its queue once that is done."""

import argparse
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator

from infra.operator import redrive
from infra.operator.given_up import MODULES
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line
from infra.operator.redrive import Waiting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("sources", nargs="*", type=_source, metavar="|".join(MODULES), help="by default all")
    parser.add_argument("--dry-run", action="store_true", help="only list what waits")
    discard = "the id of a message, or the key of an object, to be removed without being handled"
    parser.add_argument("--discard", action="append", default=[], help=discard)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    places = redrive.places(given.stage)
    if missing := set(given.sources) - places.keys():
        return refuse(f"this stage has no {', '.join(sorted(missing))}")
    left = 0
    for source in places:
        if given.sources and source not in given.sources:
            continue
        counts = Counter(_handle(given, redrive.waiting(source, places[source])))
        left += counts["left"] + counts["waiting"]
        if counts:
            print_line(f"{source}: {', '.join(f'{count:,} {what}' for what, count in sorted(counts.items()))}")
    if not left:
        print_line("nothing is left")
    return 1 if left else 0


def _handle(given: argparse.Namespace, waiting: Iterator[Waiting]) -> Iterator[str]:
    """Yield what became of each; what is left is let go once everything was looked at, or it would come again."""
    left: list[Waiting] = []
    try:
        for each in waiting:
            left.append(each)
            outcome, reason = _outcome(given, each)
            if outcome in {"discarded", "handled"}:
                each.remove()
                left.pop()
            if outcome != "handled":
                print_line(f"{each.what.source}: {each.what.name} ({each.what.about()}) {reason}")
            yield outcome
    finally:
        for each in left:
            each.leave()


def _outcome(given: argparse.Namespace, waiting: Waiting) -> tuple[str, str]:
    """Return what became of it, and how a line says so."""
    if given.dry_run:
        return "waiting", "waits"
    if waiting.what.name in given.discard:
        return "discarded", "was discarded"
    reason = redrive.carry_out(given.stage, waiting.what)
    return ("left", f"was left: {reason}") if reason else ("handled", "")


def _source(name: str) -> str:
    if name not in MODULES:
        raise ArgumentTypeError(f"{name!r} is not one of {', '.join(MODULES)}")
    return name
