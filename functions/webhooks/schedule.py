"""When a delivery is tried again (contract §8, sending)."""

from datetime import datetime, timedelta
from random import SystemRandom

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""The pause after each failed attempt of the schedule; after the last attempt there is none."""
JITTER = 0.1
"""At most this part of a pause is added to it, so that deliveries that failed together do not come back together."""


def next_attempt(failed: int, ended: datetime, retry_after: timedelta = timedelta()) -> datetime | None:
    """Return when the schedule goes on after this number of failed attempts, the last of which ended at this moment.

    The endpoint may ask for a longer pause, not for a shorter one.
    """
    if failed > len(PAUSES):
        return None
    pause = PAUSES[failed - 1]
    return ended + max(pause + pause * SystemRandom().uniform(0, JITTER), retry_after)
