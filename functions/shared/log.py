"""The log of a partner's events: read from the shards that it is spread over, as one (contract §8, the log)."""

from datetime import datetime
from functools import partial
from typing import Any

from functions.shared.clock import iso
from functions.shared.event import log
from functions.shared.table import Bounds, keys_in


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


def since(earliest: datetime, latest: datetime | None = None) -> Bounds:
    """Return the bounds of a time: the first moment is included, the second is not."""
    return iso(earliest), iso(latest) if latest else None
