"""Writing many things to the table, for the operator's commands."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from functions.shared import table
from functions.shared.dynamodb import Throttled
from functions.shared.records import Key, Record
from functions.shared.sizes import stored_size
from functions.shared.transaction import Transaction

MAX_WRITES = 100
"""In one transaction."""
MAX_BYTES = 3_500_000
"""In one transaction; the limit of the table is 4 MB."""
PAUSES = (1, 2, 4, 8, 15, 30)
"""Seconds to wait for a busy table: the capacity of a new table grows within a minute."""

R = TypeVar("R", bound=Record | Key)
T = TypeVar("T")


def write_all(
    partner: str,
    things: Sequence[Record | Key],
    report: Callable[[int], None] = lambda _: None,
    under: Callable[[Transaction], None] = lambda _: None,
) -> None:
    """Write what is not there yet, in as few transactions as possible; a key alone is an entry without content.

    ``report`` is called with the number of things after each transaction; ``under`` adds one write to each, whose
    condition applies to all of it. Raise :class:`~functions.shared.dynamodb.Throttled` if the table stays busy: what
    came before is written.
    """
    for some in weighed(things):
        patiently(partial(_write_missing, partner, some, under))
        report(len(some))


def weighed(things: Sequence[R]) -> Iterator[Sequence[R]]:
    """Yield the things in batches for one transaction each, with room for one more write."""
    some: list[R] = []
    weight = 0
    for thing in things:
        more = size(thing)
        if some and (weight + more > MAX_BYTES or len(some) == MAX_WRITES - 1):
            yield some
            some, weight = [], 0
        some.append(thing)
        weight += more
    if some:
        yield some


def size(thing: Record | Key) -> int:
    """Return its size in the table, or a little more."""
    return stored_size(thing._asdict() if isinstance(thing, Key) else thing.item())


def batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the things in batches."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def patiently(attempt: Callable[[], T]) -> T:
    """Run a read-decide-write; wait longer for a busy table than a request can."""
    for pause in PAUSES:
        try:
            return table.retry_on_conflict(attempt)
        except Throttled:
            time.sleep(pause)
    return table.retry_on_conflict(attempt)


def _write_missing(partner: str, things: Sequence[Record | Key], under: Callable[[Transaction], None]) -> None:
    keys = [thing if isinstance(thing, Key) else thing.key() for thing in things]
    found = table.read_all(partner, {}, keys)
    change = Transaction()
    missing = [thing for thing, key in zip(things, keys, strict=True) if found.item(key) is None]
    for thing in missing:
        if isinstance(thing, Key):
            change.claim(thing, {})
        else:
            change.create(thing)
    if missing:
        under(change)
        change.commit()
