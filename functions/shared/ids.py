"""Resource identifiers: ``<prefix>_<ULID>`` (contract §1)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from ulid import ULID

from functions.shared import clock


def new_id(prefix: str) -> str:
    """Return a new id; ids sort by the time of their creation."""
    return f"{prefix}_{random_ulid(prefix, clock.now())}"


def rising_ids(prefix: str, moment: datetime) -> Iterator[str]:
    """Yield ids of one moment that rise in the order in which they are made."""
    first = int.from_bytes(random_ulid(prefix, moment).bytes, "big")
    return (f"{prefix}_{ULID((first + number).to_bytes(16, 'big'))}" for number in count())


def random_ulid(_prefix: str, moment: datetime) -> ULID:
    """Return a ULID of the moment; in the sandbox, its random half can follow from a seed and the prefix."""
    return ULID.from_datetime(moment)
