"""The table's stream and the mapping that feeds its function."""

import base64
import logging
import zlib
from collections import deque
from collections.abc import Callable
from datetime import UTC, timedelta
from itertools import islice
from threading import Lock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from functions.shared import clock
from infra.local import activity, environment
from infra.local.dynamodb import changes
from infra.local.functions import CHANGES, Functions
from infra.local.pumps import RETRY_SECONDS, Pump
from infra.local.stream_filter import wanted

log = logging.getLogger(__name__)

BATCH = 100
LANES = 10
MAX_RECORD_AGE = timedelta(hours=20)


class StreamPump(Pump):
    """Hands the table's changes from now on to ``functions.events.changes``, until it has taken each.

    As in AWS there are lanes: changes of one item go one after the other, those of others beside them.
    """

    def __init__(self, backend: DynamoDBBackend, functions: Functions, on_taken: Callable[[Any], None]) -> None:
        super().__init__("stream")
        self._backend = backend
        self._lanes = [_Lane(number, functions, on_taken) for number in range(LANES)]
        self._position = 0
        while records := self._read():
            self._position += len(records)

    def start(self) -> None:
        """Start the thread."""
        for lane in self._lanes:
            lane.start()
        super().start()

    def stop(self) -> None:
        """Stop once the current work is done."""
        super().stop()
        for lane in self._lanes:
            lane.stop()

    def idle(self) -> bool:
        """Return whether every change was read and taken."""
        return super().idle() and all(lane.idle() for lane in self._lanes)

    def work(self) -> None:
        """Add each new change to its lane."""
        while not self._stopping.is_set() and (records := self._read()):
            for record in records:
                if wanted(record):
                    activity.log_event(record)
                    self.hand_over(as_lambda_gets_it(record))
            self._position += len(records)

    def hand_over(self, record: Any) -> None:
        """Give a record, as Lambda gets it, to its lane."""
        self._lanes[lane_of(record)].add(record)

    def _read(self) -> list[dict[str, Any]]:
        return changes(self._backend, environment.TABLE, self._position, BATCH)


class _Lane(Pump):
    """Hands its changes over in their order: a batch comes again from the first that the function did not take."""

    def __init__(self, number: int, functions: Functions, on_taken: Callable[[Any], None]) -> None:
        super().__init__(f"stream lane {number}")
        self._functions = functions
        self._on_taken = on_taken
        self._waiting: deque[Any] = deque()
        self._lock = Lock()

    def add(self, record: Any) -> None:
        """Add a change to the queue."""
        with self._lock:
            self._waiting.append(record)
        self.wake()

    def idle(self) -> bool:
        """Return whether nothing waits."""
        return super().idle() and not self._waiting

    def work(self) -> None:
        """Hand over the waiting changes."""
        while not self._stopping.is_set() and (batch := self._batch()):
            taken = self._taken_of(batch)
            with self._lock:
                for _ in range(taken):
                    self._on_taken(self._waiting.popleft())
            if taken < len(batch) and not self._pause(RETRY_SECONDS):
                return

    def _batch(self) -> list[Any]:
        """Return the next changes, without those that are too old for another attempt."""
        oldest = clock.machine_time().timestamp() - MAX_RECORD_AGE.total_seconds()
        with self._lock:
            while self._waiting and self._waiting[0]["dynamodb"]["ApproximateCreationDateTime"] < oldest:
                record = self._waiting.popleft()
                log.error("the stream gives up on %s", record["dynamodb"]["Keys"])
                self._on_taken(record)
            return list(islice(self._waiting, BATCH))

    def _taken_of(self, records: list[Any]) -> int:
        """Invoke the function once; return how many records it took before the first that it refused."""
        try:
            answer = self._functions.invoke(CHANGES, {"Records": records})
        except Exception:
            log.exception("the stream's function failed; the batch is delivered again")
            return 0
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        if not failed <= set(numbers):
            log.error("the stream's function named records that it was not given; the batch is delivered again")
            return 0
        return next((position for position, number in enumerate(numbers) if number in failed), len(records))


def lane_of(record: Any) -> int:
    """Return the lane of a record: all records of an item have the same."""
    return zlib.crc32(record["dynamodb"]["Keys"]["pk"]["S"].encode()) % LANES


def as_lambda_gets_it(record: Any) -> Any:
    """Return a record of moto's stream in the form in which Lambda passes it to its function."""
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()
    change |= {name: _as_json(change[name]) for name in ("NewImage", "OldImage") if name in change}
    return record | {"awsRegion": environment.REGION, "dynamodb": change}


def _as_json(image: dict[str, Any]) -> dict[str, Any]:
    """Return an image with its bytes as base64; only members of an item are bytes, never parts of them."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if isinstance(value.get("B"), bytes) else value
        for name, value in image.items()
    }
