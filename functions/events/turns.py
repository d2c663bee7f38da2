"""The due records of one shard, in an order in which no partner waits for another partner's backlog."""

import time
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from threading import Lock

from functions.shared import table
from functions.shared.observability import report_failure
from functions.shared.records import Due

MAX_HELD = 500
"""Records of a shard held at a time: about as many as can be handled in a minute."""
MAX_PER_PARTNER = 50
"""Records of one partner that go before other partners' records that became due later."""
MAX_READ = 20_000
"""Records of a backlog that are read to find other partners' records."""


class Turns(Iterator[Due]):
    """The due records of a shard, each once, alternating between partners; of each partner the longest overdue first.

    First every partner gets a share, even behind another partner's backlog; after that, the longest overdue come
    first. Several threads can take from it. It ends when nothing is left, or at ``end`` (monotonic seconds). If the
    index cannot be read, it also ends, and ``unread`` is set.
    """

    def __init__(self, moment: datetime, shard: int, end: float) -> None:
        self.unread = False
        self._moment = moment
        self._shard = shard
        self._end = end
        self._lock = Lock()
        self._waiting: dict[str, deque[Due]] = {}
        self._taken: set[Due] = set()
        self._share = MAX_PER_PARTNER
        self._more = True

    def __next__(self) -> Due:
        """Return the next record."""
        with self._lock:
            if not self._waiting and self._more and not self._late():
                self._read()
            if not self._waiting or self._late():
                raise StopIteration
            partner = next(iter(self._waiting))
            mine = self._waiting.pop(partner)
            due = mine.popleft()
            if mine:
                self._waiting[partner] = mine
            return due

    def _read(self) -> None:
        """Read more records, from the longest overdue on: those taken before have left the index, or soon will."""
        held = 0
        self._more = False
        try:
            for due in islice(table.due(self._moment, self._shard), MAX_READ):
                if held == MAX_HELD or self._late():
                    self._more = True
                    break
                held += self._add(due)
        except Exception:  # noqa: BLE001 - the other shards go on; it is reported at the end
            report_failure("A shard of what is due could not be read.")
            self.unread = True
        self._share = MAX_HELD

    def _add(self, due: Due) -> bool:
        """Add the record, unless it was added before or its partner has its share; return whether it was added."""
        if due in self._taken:
            return False
        mine = self._waiting.setdefault(due.partner, deque())
        if len(mine) == self._share:
            self._more = True
            return False
        mine.append(due)
        self._taken.add(due)
        return True

    def _late(self) -> bool:
        return time.monotonic() >= self._end
