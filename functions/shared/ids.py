"""Resource identifiers: ``<prefix>_<ULID>`` (contract §1)."""

from ulid import ULID

from functions.shared import clock


def new_id(prefix: str) -> str:
    """A fresh id that sorts by the time it was made."""
    return f"{prefix}_{ULID.from_datetime(clock.now())}"
