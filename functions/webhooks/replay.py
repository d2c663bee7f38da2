"""Replays: the events of a time, sent once more to a webhook, in the background (contract §8, deliveries)."""

from datetime import timedelta

from functions.shared.moments import Instant
from functions.shared.records import Expiring

MAX_EVENTS = 10_000
FIRST_LOOK = timedelta(minutes=5)
"""After this the clock looks at a replay whose message in the queue was lost."""


class Replay(Expiring):
    """A replay under way. Its record ends with it."""

    KIND = "replay"
    PREFIX = "rpl"

    webhook_id: str
    since: Instant
    until: Instant
    """Not included."""
    types: list[str]
    """What the webhook's ``enabled_events`` were when its events were counted."""
    place: str | None = None
    """The sort key in the log up to which its deliveries have been made."""
