"""The log of a partner's events: read from the shards that it is spread over, as one (contract §8, the log)."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from functions.shared.clock import iso
from functions.shared.event import log
from functions.shared.table import Bounds, counted, keys_in

COUNTING_SECONDS = 6.0
"""How long events are counted: a rare type among millions of others is not found in a request's time."""


def entries(
    partner: str, between: Bounds, start: str | None = None, *, newest_first: bool = True, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return the events that follow ``start`` (a sort key, not included) and whether there are more after them."""
    read = partial(keys_in, start=start, newest_first=newest_first, limit=limit, between=between)
    shards = [read(partition) for partition in log(partner)]
    found = sorted((entry for some, _ in shards for entry in some), key=lambda entry: str(entry["sk"]))
    if newest_first:
        found.reverse()
    return found[:limit], len(found) > limit or any(more for _, more in shards)


def count(partner: str, between: Bounds, types: Sequence[str], *, at_most: int) -> int | None:
    """Return how many events of a time the types name; ``None`` if there are more, or it takes too long to tell."""
    deadline = time.monotonic() + COUNTING_SECONDS
    found = 0
    for partition in log(partner):
        for number in counted(partition, between, types):
            found += number
            if found > at_most or time.monotonic() > deadline:
                return None
    return found


def since(earliest: datetime, latest: datetime | None = None) -> Bounds:
    """Return the bounds of a time: the first moment is included, the second is not."""
    return iso(earliest), iso(latest) if latest else None
