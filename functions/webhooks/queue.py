"""The queue of webhooks: what is to be sent, or to be made from the log, as messages that may come twice or late.

What a message is about lies in the table; a message that is lost costs time only, as the clock looks at what is due.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from functions.shared import aws, clock
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_MESSAGES = 10
"""In one call."""
MAX_DELAY = 900
"""Seconds that SQS holds a message back at most; what is due later comes by the clock alone."""


class QueueSettings(Settings):
    """Where the messages go."""

    deliveries_url: str


class Message(NamedTuple):
    """What one message is about: with a delivery, its next attempt; otherwise what :mod:`making` does for it."""

    partner: str
    about: str
    """The id of a delivery, an event, a webhook or a replay."""
    webhook_id: str = ""
    """Of what other messages it is kept apart: SQS lets the quiet go before the noisy."""
    after: str = ""
    """The event after which to go on."""


def send(messages: Iterable[Message], delay: int = 0) -> None:
    """Send messages, to be received after ``delay`` seconds. Raise ``ClientError`` if some were not taken."""
    for batch in _batches(list(messages)):
        entries: Any = [_entry(number, message, delay) for number, message in enumerate(batch)]
        answer = client().send_message_batch(QueueUrl=url(), Entries=entries)
        for failed in answer.get("Failed", []):
            refusal: Any = {"Code": failed["Code"], "Message": failed.get("Message", "")}
            raise ClientError({"Error": refusal}, "SendMessageBatch")


def send_at(message: Message, moment: datetime) -> None:
    """Send a message so that it is received at a moment; one that is far ahead is left to the clock."""
    delay = math.ceil(max((moment - clock.now()).total_seconds(), 0))
    if delay <= MAX_DELAY:
        send([message], delay)


def read(body: str) -> Message:
    """Return a message as it was sent."""
    return Message(**json.loads(body))


def _entry(number: int, message: Message, delay: int) -> dict[str, Any]:
    entry = {"Id": str(number), "MessageBody": json.dumps(message._asdict()), "DelaySeconds": delay}
    return entry | ({"MessageGroupId": message.webhook_id} if message.webhook_id else {})


def _batches(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    return (messages[start : start + MAX_MESSAGES] for start in range(0, len(messages), MAX_MESSAGES))


def url() -> str:
    """Return the queue's address."""
    return QueueSettings.load().deliveries_url


@cache
def client() -> "SQSClient":
    """Return the client of this process."""
    client: SQSClient = aws.client("sqs")
    return client
