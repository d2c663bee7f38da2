"""Records of the stream that fail: which come again, and which are set aside so that they hold nothing up.

An outage is nobody's fault but passes: everything waits for it, in order. A record that is itself the reason would
hold up its lane until it is too old; it goes to a queue of its own, where people find it (docs/runbook.md).
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from functions.shared import aws, clock
from functions.shared.dynamodb import Throttled
from functions.shared.observability import logger
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Record = Mapping[str, Any]
"""A record of the stream, as Lambda gives it to its function."""

PATIENCE = timedelta(minutes=10)
"""How long a record is tried again that fails for a reason we do not know."""
MAX_MESSAGE_LENGTH = 200_000
MAX_REASON_LENGTH = 1_000
IMAGES = {"NewImage", "OldImage"}


class SetAsideSettings(Settings):
    """The queue of the records that were set aside."""

    stream_failures_url: str


class Unreadable(Exception):
    """The record is not one that we write."""


class ComesAgain(Exception):
    """The record could not be carried out now: it and all that follow it come again."""

    def __init__(self, record: Record) -> None:
        self.sequence_number: str = record["dynamodb"]["SequenceNumber"]
        super().__init__(self.sequence_number)


def set_aside_or_wait(record: Record, error: Exception) -> None:
    """Set a record aside that failed with the error, if the reason lies in the record itself.

    Raises :class:`ComesAgain` for an outage, and for what was not tried for long enough to tell.
    """
    if not _is_its_own_fault(record, error):
        logger.warning("A record of the stream comes again.", exc_info=error)
        raise ComesAgain(record) from error
    reason = f"{type(error).__name__}: {error}"[:MAX_REASON_LENGTH]
    try:
        _queue().send_message(
            QueueUrl=SetAsideSettings.load().stream_failures_url, MessageBody=_message(record, reason)
        )
    except Exception as unsent:
        logger.exception("A record of the stream could not be set aside.")
        raise ComesAgain(record) from unsent
    logger.error("A record of the stream was set aside.", extra={"keys": _keys(record)}, exc_info=error)


def is_outage(error: Exception) -> bool:
    """Return whether something that we need is busy, unreachable or closed to us, whatever the record."""
    return isinstance(error, Throttled) or aws.is_outage(error)


def _is_its_own_fault(record: Record, error: Exception) -> bool:
    if is_outage(error):
        return False
    if isinstance(error, Unreadable) or aws.is_malformed(error):
        return True
    # The time of the machine: a sandbox's own time runs ahead of that of its table.
    written_at: float = record["dynamodb"]["ApproximateCreationDateTime"]
    return clock.machine_time().timestamp() - written_at > PATIENCE.total_seconds()


def _message(record: Record, reason: str) -> str:
    """What the queue gets: why, and an event that can be sent to the function again, without images if too large."""
    text = json.dumps({"reason": reason, "keys": _keys(record), "Records": [record]}, default=str)
    if len(text) <= MAX_MESSAGE_LENGTH:
        return text
    change = {name: value for name, value in record["dynamodb"].items() if name not in IMAGES}
    return json.dumps(
        {"reason": reason, "keys": _keys(record), "Records": [{**record, "dynamodb": change}]}, default=str
    )


def _keys(record: Record) -> dict[str, str]:
    """The item's primary key; no more of it goes into the log."""
    return {name: str(value.get("S")) for name, value in record["dynamodb"].get("Keys", {}).items()}


@cache
def _queue() -> "SQSClient":
    return boto3.client("sqs", config=aws.CLIENT)
