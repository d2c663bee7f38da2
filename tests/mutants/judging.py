"""Lets the tests judge mutants: each in a copy of this process, in which pytest has collected them."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from traceback import print_exc
from typing import NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.making import Mutant
from tests.mutants.swapping import Originals

SAID = "build/mutants/said.log"
"""What the last copy wrote."""
STARTING, PREPARING = 20.0, 4.0
"""Of a processor: what a test may take beyond five times its usual time, as the first one starts the whole system if it
needs it, or else what it imports."""
SILENCE = 120
"""The seconds after which a test that only waits is given up."""


class Verdict(StrEnum):
    """What the tests said of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    UNTESTED = "untested"


DEAD = {Verdict.KILLED, Verdict.TIMED_OUT}


class Judged(NamedTuple):
    """A mutant and what came of it."""

    mutant: Mutant
    verdict: Verdict
    seconds: float
    """Of a processor."""
    tests: int


class Trial(NamedTuple):
    """A test that may kill a mutant, and how long it takes."""

    item: pytest.Item
    seconds: float

    @property
    def needs_system(self) -> bool:
        """Whether the whole system must be started for it, which takes longer than most tests."""
        return "system" in getattr(self.item, "fixturenames", ())

    @property
    def limit(self) -> float:
        """The seconds of a processor after which it has no end."""
        return 5 * self.seconds + (STARTING if self.needs_system else PREPARING)


def judged(
    mutants: Sequence[Mutant], originals: Originals, trials: Callable[[Mutant], list[Trial]], processes: int
) -> Iterator[Judged]:
    """Judge the mutants, some at a time."""
    running: dict[int, tuple[Mutant, int]] = {}
    for mutant in mutants:
        chosen = trials(mutant)
        if not chosen:
            yield Judged(mutant, Verdict.UNTESTED, 0, 0)
            continue
        if len(running) == processes:
            yield _ended(running)
        pid = in_copy(lambda mutant=mutant, chosen=chosen: _try(mutant, originals, chosen))  # type: ignore[misc]
        running[pid] = mutant, len(chosen)
    while running:
        yield _ended(running)


def in_copy(work: Callable[[], int]) -> int:
    """Carry out work in a copy of this process, which ends with the number that it returns; the copy's id."""
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        silence = os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        status = work()
    except BaseException:  # noqa: BLE001 - the copy must end here, however it ends
        print_exc()
    finally:
        os._exit(status)


def _ended(running: dict[int, tuple[Mutant, int]]) -> Judged:
    pid, status, used = os.wait3(0)
    mutant, tests = running.pop(pid)
    return Judged(mutant, _verdict(status), used.ru_utime + used.ru_stime, tests)


def _verdict(status: int) -> Verdict:
    if os.WIFSIGNALED(status):
        return Verdict.TIMED_OUT if os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGALRM} else Verdict.KILLED
    return {0: Verdict.SURVIVED, 1: Verdict.KILLED}.get(os.WEXITSTATUS(status), Verdict.UNTESTED)


def _try(mutant: Mutant, originals: Originals, chosen: Sequence[Trial]) -> int:
    if not originals.swap(mutant):
        return 2
    for trial, following in zip(chosen, [*(each.item for each in chosen[1:]), None], strict=True):
        signal.setitimer(signal.ITIMER_PROF, trial.limit)
        signal.alarm(SILENCE)
        if failed(trial.item, following):
            return 1
    return 0


def failed(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test; whether it failed."""
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
