"""The table's stream and the mapping that feeds its function."""

import logging
from collections.abc import Mapping
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from infra.local import environment
from infra.local.dynamodb import changes
from infra.local.functions import CHANGES, Functions
from infra.local.pumps import RETRY_SECONDS, Pump

log = logging.getLogger(__name__)

BATCH = 100


class StreamPump(Pump):
    """Hands the table's changes from now on to ``functions.events.changes``, in order, until it has taken each."""

    def __init__(self, backend: DynamoDBBackend, functions: Functions) -> None:
        super().__init__("stream")
        self._functions = functions
        self._backend = backend
        self._position = 0
        while records := self._read():
            self._position += len(records)

    def work(self) -> None:
        """Pass on everything that was written."""
        while not self._stopping.is_set() and (records := self._read()):
            self._deliver([_as_lambda_gets_it(record) for record in records if wanted(record)])
            self._position += len(records)

    def _read(self) -> list[dict[str, Any]]:
        return changes(self._backend, environment.TABLE, self._position, BATCH)

    def _deliver(self, waiting: list[Any]) -> None:
        while waiting:
            waiting = self._refused(waiting)
            if waiting and not self._pause(RETRY_SECONDS):
                return

    def _refused(self, records: list[Any]) -> list[Any]:
        """Invoke the function once; what it did not take, from the first of those on."""
        try:
            answer = self._functions.invoke(CHANGES, {"Records": records})
        except Exception:
            log.exception("the stream's function failed; the batch is delivered again")
            return records
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        if not failed <= set(numbers):
            log.error("the stream's function named records that it was not given; the batch is delivered again")
            return records
        first = next((position for position, number in enumerate(numbers) if number in failed), len(records))
        return records[first:]


def wanted(record: Mapping[str, Any]) -> bool:
    """The filter of the stream's mapping: events, orders that were accepted, and orders that begin to be fulfilled."""
    image: dict[str, dict[str, str]] = record["dynamodb"].get("NewImage", {})
    kind, status = (image.get(name, {}).get("S") for name in ("kind", "status"))
    changed: str = record["eventName"]
    if changed == "INSERT":
        return kind == "event" or (kind == "order" and status == "accepted")
    return changed == "MODIFY" and kind == "order" and status == "fulfilling"


def _as_lambda_gets_it(record: Any) -> Any:
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return record | {"awsRegion": environment.REGION, "dynamodb": change}
