"""Whose turn it is: what is due in one shard, handed out so that nobody waits for somebody else's backlog."""

import time
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from threading import Lock

from functions.shared import table
from functions.shared.observability import logger
from functions.shared.records import Due

MAX_HELD = 500
"""So much of a shard is held at a time: about what can be done in a minute."""
MAX_PER_PARTNER = 50
"""So much of one partner goes before others' records that became due later."""
MAX_READ = 20_000
"""So far into a backlog others' records are looked for."""


class Turns(Iterator[Due]):
    """What is due in a shard, each record once, one partner after the other; of each the longest overdue first.

    At first every partner has a share, however far behind a backlog of somebody else it lies; after that, what is
    overdue longest comes first. Several threads may take from it. It ends when nothing is left, or at ``end``
    (monotonic seconds). If the index cannot be read, it ends as well, and ``unread`` is set.
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
        """Return the record whose turn it is."""
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
        """Fill what waits, from the longest overdue on: what was taken before has left the index, or soon will."""
        held = 0
        self._more = False
        try:
            for due in islice(table.due(self._moment, self._shard), MAX_READ):
                if held == MAX_HELD or self._late():
                    self._more = True
                    break
                held += self._add(due)
        except Exception:  # noqa: BLE001 - the other shards go on; it is told at the end
            logger.exception("A shard of what is due could not be read.", extra={"shard": self._shard})
            self.unread = True
        self._share = MAX_HELD

    def _add(self, due: Due) -> bool:
        """Let the record wait for its turn, unless it had it or its partner has its share; whether it waits."""
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
