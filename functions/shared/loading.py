"""Writing many things at once, for whoever fills the table before partners use it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from functions.shared.table import Transaction

MOST_WRITES = 100
"""What one transaction takes."""

T = TypeVar("T")


def write_all(things: Sequence[T], add: Callable[[Transaction, T], None], writes: int = 1) -> None:
    """Write the things in as few transactions as possible; what ``add`` writes for one (``writes``) stays together.

    Raises :class:`~functions.shared.table.Conflict` if something is there already: what came before it is written.
    """
    at_once = MOST_WRITES // writes
    for start in range(0, len(things), at_once):
        change = Transaction()
        for thing in things[start : start + at_once]:
            add(change, thing)
        change.commit()
