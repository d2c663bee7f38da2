"""The queue of webhooks and the mapping that feeds its function, with as many workers as may run at a time."""

import logging
from collections.abc import Sequence
from threading import Lock, Thread
from typing import TYPE_CHECKING

from infra.local import environment
from infra.local.attempts import Tasks
from infra.local.aws import Aws
from infra.local.functions import SENDER, Functions
from infra.local.pumps import Pump

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

BATCH = 10


class SenderPump(Pump):
    """Hands messages to the sender, side by side, until it has carried each out."""

    def __init__(self, aws: Aws, functions: Functions, tasks: Tasks, workers: int) -> None:
        super().__init__(environment.DELIVERIES)
        self._aws = aws
        self._functions = functions
        self._tasks = tasks
        self._free = workers
        self._lock = Lock()

    def idle(self) -> bool:
        """Whether no message waits or is being carried out, but for endpoints that hang."""
        # In this order: what has left the queue is among the tasks.
        return not self._aws.waiting_deliveries() and self._tasks.idle() and super().idle()

    def work(self) -> None:
        """Receive what has come, and start its handling."""
        while not self._stopping.is_set() and self._free:
            answer = self._aws.sqs.receive_message(
                QueueUrl=environment.DELIVERIES_URL, MaxNumberOfMessages=BATCH, WaitTimeSeconds=0
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            with self._lock:
                self._free -= 1
            Thread(target=self._handle, args=(messages,), name=SENDER, daemon=True).start()

    def _handle(self, messages: "Sequence[MessageTypeDef]") -> None:
        try:
            for message in self._taken_of(messages):
                self._aws.sqs.delete_message(
                    QueueUrl=environment.DELIVERIES_URL, ReceiptHandle=message["ReceiptHandle"]
                )
        except Exception:
            log.exception("what the sender has taken is still in its queue")
        finally:
            with self._lock:
                self._free += 1
            self.wake()

    def _taken_of(self, messages: "Sequence[MessageTypeDef]") -> "list[MessageTypeDef]":
        """Invoke the function once; what it took."""
        records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]
        try:
            answer = self._functions.invoke(SENDER, {"Records": records})
        except Exception:
            log.exception("the sender failed; its messages are delivered again")
            return []
        finally:
            if self._tasks.given_up():
                self._tasks.add(-len(messages))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        return [each for each in messages if each["MessageId"] not in failed]
