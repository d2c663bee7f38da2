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

from functions.shared import clock
from infra.local import environment
from infra.local.functions import CHANGES, Functions
from infra.local.pumps import RETRY_SECONDS, Pump

log = logging.getLogger(__name__)

BATCH = 100
LANES = 10
MAX_RECORD_AGE = timedelta(hours=20)


Taken = Callable[[], object]
"""What is to be called when a record needs no more attention."""


class Stream:
    """Hands the table's changes to ``functions.events.changes``, until it has taken each.

    As in AWS there are lanes: changes of one item go one after the other, those of others beside them.
    """

    def __init__(self, functions: Functions) -> None:
        self.lanes = [_Lane(number, functions) for number in range(LANES)]

    def hand_over(self, record: Any, on_taken: Taken) -> None:
        """Give a record, as Lambda gets it, to its lane."""
        self.lanes[lane_of(record)].add(record, on_taken)


class _Lane(Pump):
    """Hands its changes over in their order: a batch comes again from the first that the function did not take."""

    def __init__(self, number: int, functions: Functions) -> None:
        super().__init__(f"stream lane {number}")
        self._functions = functions
        self._waiting: deque[tuple[Any, Taken]] = deque()
        self._lock = Lock()

    def add(self, record: Any, on_taken: Taken) -> None:
        """Add a change to the queue."""
        with self._lock:
            self._waiting.append((record, on_taken))
        self.wake()

    def work(self) -> None:
        """Hand over the waiting changes."""
        while not self._stopping.is_set() and (batch := self._batch()):
            taken = self._taken_of(batch)
            for _ in range(taken):
                self._remove()
            if taken < len(batch) and not self._pause(RETRY_SECONDS):
                return

    def _batch(self) -> list[Any]:
        """Return the next changes, without those that are too old for another attempt."""
        oldest = clock.machine_time().timestamp() - MAX_RECORD_AGE.total_seconds()
        with self._lock:
            batch = [record for record, _ in islice(self._waiting, BATCH)]
        while batch and batch[0]["dynamodb"]["ApproximateCreationDateTime"] < oldest:
            log.error("the stream gives up on %s", batch.pop(0)["dynamodb"]["Keys"])
            self._remove()
        return batch

    def _remove(self) -> None:
        with self._lock:
            _, on_taken = self._waiting.popleft()
        on_taken()

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
    change |= {name: as_json(change[name]) for name in ("NewImage", "OldImage") if name in change}
    return record | {"awsRegion": environment.REGION, "dynamodb": change}


def as_json(image: dict[str, Any]) -> dict[str, Any]:
    """Return an image with its bytes as base64; only members of an item are bytes, never parts of them."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if isinstance(value.get("B"), bytes) else value
        for name, value in image.items()
    }
