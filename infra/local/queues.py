"""The queues between the bus's rules and their functions."""

import json
import logging
from threading import Thread
from typing import Any

from moto.sqs.models import Message

from infra.bus import FUNCTION_PAUSES, FUNCTION_RETRIES, Rule
from infra.local import activity, environment, retries
from infra.local.aws import Aws
from infra.local.functions import Functions
from infra.local.pumps import Pump

log = logging.getLogger(__name__)


class QueuePump(Pump):
    """Invokes a rule's function for each of its events, concurrently, with the retries that Lambda makes and, in
    proportion, the pauses before them.

    What the function still fails on then lies in the rule's failures' queue, as Lambda's destination writes it.
    """

    def __init__(self, aws: Aws, functions: Functions, rule: Rule) -> None:
        super().__init__(rule.name)
        self._functions = functions
        self._aws = aws
        self._failures_url = aws.failures_url(rule)
        self._module = rule.module

    def work(self) -> None:
        """Receive what has come and start its handling."""
        while not self._stopping.is_set():
            messages = self._aws.receive(self.name)
            if not messages:
                return
            for message in messages:
                Thread(target=self._handle, args=(message,), name=self._module, daemon=True).start()

    def _handle(self, message: Message) -> None:
        # moto leaves the account out of what it sends to a queue.
        event: Any = {"account": environment.ACCOUNT} | json.loads(message.body)
        activity.log_message(event)
        for pause in (*FUNCTION_PAUSES, None):
            if self._handled(event, last=pause is None):
                break
            if pause is not None and not self._pause(pause * retries.RETRY_PACE):
                return
        self._aws.delete_message(self.name, message)

    def _handled(self, event: Any, *, last: bool) -> bool:
        try:
            self._functions.invoke(self._module, event)
        except Exception as error:
            if last:
                log.exception("%s gave up on an event; it lies in the failures' queue", self._module)
                self._set_aside(event, error)
            else:
                log.exception("%s failed; the event is delivered again", self._module)
            return False
        return True

    def _set_aside(self, event: Any, error: Exception) -> None:
        failure = {
            "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": FUNCTION_RETRIES + 1},
            "requestPayload": event,
            "responsePayload": {"errorType": type(error).__name__, "errorMessage": str(error)},
        }
        self._aws.sqs.send_message(QueueUrl=self._failures_url, MessageBody=json.dumps(failure))
