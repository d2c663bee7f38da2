"""Resource identifiers: ``<prefix>_<ULID>`` (contract §1)."""

from ulid import ULID

from functions.shared import clock


def new_id(prefix: str) -> str:
    """Return a new id; ids sort by the time of their creation."""
    return f"{prefix}_{ULID.from_datetime(clock.now())}"
