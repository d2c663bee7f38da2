"""An index of what is due, which a test fills."""

from collections.abc import Iterator
from datetime import datetime
from threading import Lock

from functions.orders.order import Order
from functions.shared import clock
from functions.shared.records import Due
from tests.support.builders import NOW


class Index:
    """What is due, shard by shard, and how much of it was read."""

    def __init__(self) -> None:
        self.entries: dict[int, list[Due]] = {}
        self.read = 0
        self.unreadable: set[int] = set()
        self.lock = Lock()

    def add(self, shard: int, partner: str, count: int, kind: str = Order.KIND) -> list[Due]:
        """This number of further records of a partner, due after all that there are."""
        known = self.entries.setdefault(shard, [])
        start = len(known)
        new = [Due(partner, f"{shard}-{number}", kind, f"{number:09d}") for number in range(start, start + count)]
        known += new
        return new

    def due(self, moment: datetime, shard: int) -> Iterator[Due]:
        """As :func:`functions.shared.table.due`: longest overdue first, read as it is asked for."""
        assert moment == NOW
        for entry in list(self.entries.get(shard, [])):
            if shard in self.unreadable:
                raise RuntimeError("throttled")
            self.read += 1
            yield entry

    def remove(self, entry: Due) -> None:
        """It is not due any more."""
        with self.lock:
            self.entries[int(entry.id.partition("-")[0])].remove(entry)

    def put_off(self, entry: Due, until: datetime) -> None:
        """It goes behind the others."""
        self.remove(entry)
        with self.lock:
            self.entries[int(entry.id.partition("-")[0])].append(entry._replace(at=clock.iso(until)))
