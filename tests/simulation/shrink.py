"""Leaves out what a failure does not need."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
MAX_TRIES = 400


def shrink(steps: Sequence[T], fails: Callable[[Sequence[T]], bool], tries: int = MAX_TRIES) -> list[T]:
    """Return a part of the steps that still fails, and of which hardly one can be left out (delta debugging).

    Ever smaller pieces are left out, as long as the rest fails; ``tries`` is how often that is tried at most.
    """
    left, length = list(steps), len(steps)
    while length:
        before, start = len(left), 0
        while start < len(left) and tries:
            tries -= 1
            rest = left[:start] + left[start + length :]
            if fails(rest):
                left = rest
            else:
                start += length
        if not tries:
            break
        length = length // 2 if length > 1 else int(len(left) < before)
    return left
