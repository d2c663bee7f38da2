"""Many threads that begin at one moment."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import Barrier
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

THREADS = 50


def race(racers: Sequence[Callable[[], T]]) -> list[T]:
    """What each of them gives, in their order; the first error comes out here."""
    together = Barrier(len(racers))

    def run(racer: Callable[[], T]) -> T:
        together.wait(timeout=30)
        return racer()

    with ThreadPoolExecutor(len(racers)) as pool:
        running = [pool.submit(copy_context().run, run, racer) for racer in racers]
    return [each.result() for each in running]


def race_over(act: Callable[[S], T], subjects: Iterable[S]) -> list[T]:
    """The same with each of the subjects, all at once."""
    return race([partial(act, subject) for subject in subjects])
