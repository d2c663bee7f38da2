"""Failed records of the stream: which are retried, and which are set aside so that they do not block others.

During an outage, all records wait, in order. A record that is itself the reason for the failure would block its lane
until it is too old, so it is put into a queue for manual repair (docs/runbook.md).
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.shared import aws, clock
from functions.shared.dynamodb import Throttled
from functions.shared.observability import logger, report_failure
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Record = Mapping[str, Any]
"""A record of the stream, as Lambda passes it to the function."""

PATIENCE = timedelta(minutes=10)
"""How long a record is retried if it fails for an unknown reason."""
MAX_MESSAGE_LENGTH = 200_000
MAX_REASON_LENGTH = 1_000
IMAGES = {"NewImage", "OldImage"}
REDRIVEN = "redriven"
"""A member of a record that an operator sends to the function once more: who sends it learns why it fails."""


class SetAsideSettings(Settings):
    """The queue of the records that are set aside."""

    stream_failures_url: str


class Unreadable(Exception):
    """The record does not have the form that we write."""


class ComesAgain(Exception):
    """The record could not be handled now: it and all that follow it are retried."""

    def __init__(self, record: Record) -> None:
        self.sequence_number: str = record["dynamodb"]["SequenceNumber"]
        super().__init__(self.sequence_number)


def set_aside_or_wait(record: Record, error: Exception) -> None:
    """Set aside a record that failed with the error, if the record itself is the reason.

    Raise :class:`ComesAgain` during an outage, or if the record was not retried for long enough to decide; the error
    itself if the record was set aside before, and is tried again by hand.
    """
    if record.get(REDRIVEN):
        raise error
    if not _is_its_own_fault(record, error):
        logger.warning("A record of the stream comes again.", exc_info=error)
        raise ComesAgain(record) from error
    reason = f"{type(error).__name__}: {error}"[:MAX_REASON_LENGTH]
    try:
        _queue().send_message(
            QueueUrl=SetAsideSettings.load().stream_failures_url, MessageBody=_message(record, reason)
        )
    except Exception as unsent:
        report_failure("A record of the stream could not be set aside.")
        raise ComesAgain(record) from unsent
    logger.error("A record of the stream was set aside.", extra={"keys": _keys(record)}, exc_info=error)


def is_outage(error: Exception) -> bool:
    """Return whether a service that we need is busy, unreachable or denies access, so that no record is the reason."""
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
    """Return the message for the queue: the reason, and an event for the function; without images if too large."""
    about = {"reason": reason, "keys": _keys(record)}
    text = json.dumps({**about, "Records": [record]})
    if len(text) <= MAX_MESSAGE_LENGTH:
        return text
    change = {name: value for name, value in record["dynamodb"].items() if name not in IMAGES}
    return json.dumps({**about, "Records": [{**record, "dynamodb": change}]})


def _keys(record: Record) -> dict[str, str]:
    """Return the item's primary key; nothing else of it is logged."""
    return {name: str(value.get("S")) for name, value in record["dynamodb"].get("Keys", {}).items()}


@cache
def _queue() -> "SQSClient":
    client: SQSClient = aws.client("sqs")
    return client
