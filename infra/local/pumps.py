"""What AWS does by itself: the stream calls its function, the bus its targets, the schedule its clock.

Each pump is a thread that sleeps until something was written or sent. It is idle when nothing waits and nothing runs.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from moto.dynamodb.models import DynamoDBBackend

from functions.shared import clock, table
from functions.shared.records import Due
from functions.shared.table_name import table_name
from infra.local import environment
from infra.local.aws import Aws
from infra.local.dynamodb import first_due, is_due
from infra.local.functions import CLOCK, Functions
from infra.local.patches import replaced

log = logging.getLogger(__name__)

CLOCK_SECONDS = 1.0
IDLE_SECONDS = 0.5
RETRY_SECONDS = 0.2
STOP_SECONDS = 2.0


class Pump(ABC):
    """A thread that works whenever it is woken."""

    def __init__(self, name: str, rest: float = IDLE_SECONDS) -> None:
        self.name = name
        self._rest = rest
        self._wake = Event()
        self._stopping = Event()
        self._working = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Wake the thread, because there is work."""
        self._wake.set()

    def stop(self) -> None:
        """Stop once the current work is done."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def idle(self) -> bool:
        """Return whether everything is done that it was woken for."""
        return not self._wake.is_set() and not self._working

    @abstractmethod
    def work(self) -> None:
        """Do all of the work at hand."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._rest)
            self._working = True
            self._wake.clear()
            try:
                self.work()
            except Exception:
                log.exception("%s failed and tries again", self.name)
                self._pause(RETRY_SECONDS)
                self._wake.set()
            self._working = False

    def _pause(self, seconds: float) -> bool:
        """Wait, at most until the end; return whether to go on."""
        return not self._stopping.wait(seconds)


@contextmanager
def brief_looks(aws: Aws) -> Iterator[None]:
    """Let the clock query only the shards of what is due that have something: mostly it is one of eight."""

    def brief(due: Callable[[datetime, int], Iterator[Due]]) -> Callable[[datetime, int], Iterator[Due]]:
        def look(moment: datetime, shard: int) -> Iterator[Due]:
            elsewhere = table_name() != environment.TABLE
            if elsewhere or is_due(aws.store(), environment.TABLE, shard, clock.iso(moment)):
                yield from due(moment, shard)

        return look

    with replaced(table, "due", brief):
        yield


class ClockPump(Pump):
    """Calls ``functions.events.clock`` every second in which something is due."""

    def __init__(self, backend: DynamoDBBackend, functions: Functions) -> None:
        super().__init__("clock", rest=CLOCK_SECONDS)
        self._backend = backend
        self._functions = functions

    def work(self) -> None:
        """Run the clock if anything is due: that check is much cheaper than the function's eight queries."""
        due = first_due(self._backend, environment.TABLE)
        if due and due.at <= clock.iso(clock.now()):
            self._functions.invoke(CLOCK, {})
