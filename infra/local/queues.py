"""The queues between the bus's rules and their functions."""

import json
import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from infra.bus import Rule
from infra.local import environment
from infra.local.aws import Aws
from infra.local.functions import Functions
from infra.local.pumps import RETRY_SECONDS, Pump

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)


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
