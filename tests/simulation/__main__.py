"""``make simulate SEEDS=a..b``: simulated worlds, each of which follows from its seed alone."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.simulation.copies import results
from tests.simulation.run import Result
from tests.simulation.sometimes import BATCH, missing, wanted
from tests.simulation.story import shortened, story

REPORTED_EVERY = 10.0
"""Seconds."""
MAX_STORIES = 3


@dataclass
class Figures:
    """What came of the seeds so far."""

    began: float = field(default_factory=time.monotonic)
    seeds: int = 0
    seconds: float = 0
    simulated: timedelta = timedelta()
    messages: int = 0
    orders: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    failed: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count a seed."""
        self.seeds += 1
        self.seconds += result.seconds
        self.simulated += result.simulated
        self.messages += result.messages
        self.orders += result.orders
        self.happened += result.happened
        if result.rule:
            self.failed.append(result)

    def __str__(self) -> str:
        """Return them in a line; per second of real time, by all processes together."""
        passed = time.monotonic() - self.began
        return (
            f"{self.seeds} seeds, {len(self.failed)} failed; {self.simulated.days:,} days simulated, "
            f"{self.simulated.total_seconds() / passed:,.0f} times as fast as real time; "
            f"{self.orders:,} orders, {self.orders / passed:.1f} a second; {self.messages:,} messages; "
            f"{self.seconds / max(self.seeds, 1):.3f} s of a processor each, {passed:.0f} s in all"
        )


def main(arguments: Sequence[str]) -> int:
    """Run the seeds that are asked for; return the exit code."""
    asked = _asked(arguments)
    first, _, last = asked.seeds.partition("..")
    figures = Figures()
    for line in _lines(figures, results(range(int(first), int(last or first) + 1), asked.processes), asked.histories):
        print(line, flush=True)
    never = missing(figures.happened) if figures.seeds >= BATCH else []
    print(f"{len(list(wanted()))} things are to happen sometimes" + (f"; NEVER: {', '.join(never)}" if never else "."))
    print(figures)
    return bool(figures.failed or never)


def _lines(figures: Figures, found: Iterable[Result], histories: bool) -> Iterator[str]:
    """Yield what there is to say, while the seeds are run."""
    said = time.monotonic()
    for result in found:
        figures.add(result)
        if histories:
            yield f"history of {result.seed}: {result.history}"
        if result.rule:
            yield from _failure(result, tell=len(figures.failed) <= MAX_STORIES)
        if time.monotonic() - said >= REPORTED_EVERY:
            said = time.monotonic()
            never = missing(figures.happened)
            yield f"to {result.seed}: {figures}; {len(never)} things have not happened yet {never[:MAX_STORIES]}"


def _failure(result: Result, *, tell: bool) -> Iterator[str]:
    yield f"\nSeed {result.seed} has broken a rule: {result.rule}"
    yield f"Again: make simulate SEEDS={result.seed}..{result.seed}"
    if tell:
        yield result.wrong
        yield from story(result, shortened(result))
        yield ""


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("seeds", help="a..b, or one seed")
    parser.add_argument("--histories", action="store_true", help="print what two equal histories have in common")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
