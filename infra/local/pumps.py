"""What AWS does by itself: the stream calls its function, the bus its targets, the schedule its clock.

Each pump is a thread that sleeps until something was written or sent. It is idle when nothing waits and nothing runs.
"""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import DynamoDBBackend

from infra.bus import Rule
from infra.local import environment
from infra.local.aws import Aws
from infra.local.dynamodb import changes
from infra.local.functions import CHANGES, CLOCK, Functions

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

BATCH = 100
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
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def stop(self) -> None:
        """End after what is being done at this moment."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def idle(self) -> bool:
        """Whether everything is done that it was woken for."""
        return not self._wake.is_set() and not self._working

    @abstractmethod
    def work(self) -> None:
        """Do what there is to do."""

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
        """Wait, and say whether to go on."""
        return not self._stopping.wait(seconds)


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


class QueuePump(Pump):
    """Hands each event that a rule let through to its function, side by side, again and again until it succeeds."""

    def __init__(self, aws: Aws, functions: Functions, rule: Rule) -> None:
        super().__init__(rule.name)
        self._functions = functions
        self._sqs = aws.sqs
        self._url = aws.queue_url(rule)
        self._module = rule.module
        self._lock = Lock()
        self._held = 0

    def work(self) -> None:
        """Receive what has come and start its handling."""
        while not self._stopping.is_set():
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            messages = answer.get("Messages", [])
            if not messages:
                return
            with self._lock:
                self._held += len(messages)
            for message in messages:
                Thread(target=self._handle, args=(message,), name=self._module, daemon=True).start()

    def idle(self) -> bool:
        """Whether no event waits or is being handled."""
        return super().idle() and self._held == 0

    def _handle(self, message: "MessageTypeDef") -> None:
        try:
            while not self._handled(message):
                if not self._pause(RETRY_SECONDS):
                    return
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        finally:
            with self._lock:
                self._held -= 1

    def _handled(self, message: "MessageTypeDef") -> bool:
        # moto leaves the account out of what it sends to a queue.
        event: Any = {"account": environment.ACCOUNT} | json.loads(message["Body"])
        try:
            self._functions.invoke(self._module, event)
        except Exception:
            log.exception("%s failed; the event is delivered again", self._module)
            return False
        return True


class ClockPump(Pump):
    """Calls ``functions.events.clock`` every second."""

    def __init__(self, functions: Functions) -> None:
        super().__init__("clock", rest=CLOCK_SECONDS)
        self._functions = functions

    def work(self) -> None:
        """One tick."""
        self._functions.invoke(CLOCK, {})
