"""The heartbeat: each minute, the clock writes an item that must come out of the stream.

So a clock or a stream that does not run is noticed also while no partner does anything.
"""

from datetime import datetime, timedelta

from functions.events.stream_filter import HEARTBEAT
from functions.shared.clock import iso
from functions.shared.metrics import STREAM_RUNS
from functions.shared.observability import measure
from functions.shared.partners import Guard
from functions.shared.records import Key
from functions.shared.transaction import Transaction

KEPT = timedelta(hours=1)


def beat(now: datetime) -> None:
    """Write the item of this minute."""
    change = Transaction()
    change.claim(Key(Guard.CLOCK.key(HEARTBEAT), iso(now)), {"kind": HEARTBEAT, "ttl": int((now + KEPT).timestamp())})
    change.commit()


def arrive() -> None:
    """Measure that the stream has brought an item."""
    measure(STREAM_RUNS)
