"""Writing many things, for whoever fills the table before partners use it."""

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
"""What one transaction takes."""
MAX_BYTES = 3_500_000
"""Of what one transaction writes: the table takes 4 MB."""
PAUSES = (1, 2, 4, 8, 15, 30)
"""Seconds to wait for a table that is busy: a new one takes a minute until it takes much more than at first."""

R = TypeVar("R", bound=Record | Key)
T = TypeVar("T")


def write_all(
    partner: str,
    things: Sequence[Record | Key],
    told: Callable[[int], None] = lambda _: None,
    under: Callable[[Transaction], None] = lambda _: None,
) -> None:
    """Write what is not there yet, as few transactions as possible; a key alone is an entry that says no more.

    ``told`` hears how many more things are there; ``under`` adds one write to each transaction, by whose condition
    the rest is written. Raises :class:`~functions.shared.dynamodb.Throttled` if the table stays busy: what came before
    it is written.
    """
    for some in weighed(things):
        patiently(partial(_write_missing, partner, some, under))
        told(len(some))


def weighed(things: Sequence[R]) -> Iterator[Sequence[R]]:
    """As many of the things at a time as one transaction takes, with room for one write more."""
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
    """At most how many bytes the table keeps of it."""
    return stored_size(thing._asdict() if isinstance(thing, Key) else thing.item())


def batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The things, so many at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def patiently(attempt: Callable[[], T]) -> T:
    """Settle a read-decide-write, and give a busy table more time than a request has."""
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
