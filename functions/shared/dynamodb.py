"""DynamoDB's client, its patience and its errors: above this there is a conflict, or a table that is busy."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count, islice
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError

from functions.shared import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRANSIENT = {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingError",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}

NEW = "attribute_not_exists(pk)"
"""The condition that an item does not exist yet."""
REFUSED = {"ConditionalCheckFailed", "ConditionalCheckFailedException"}
"""What a condition that does not hold is called, in a transaction and by itself."""

T = TypeVar("T")


class Conflict(Exception):
    """Somebody else changed what this change was decided on; nothing was written."""


class Throttled(Exception):
    """The table took no more work within the time we are ready to wait; nothing was written."""


@cache
def client() -> "DynamoDBClient":
    """Return the client of this process; a call lasts 9 seconds at most, its one retry included."""
    once_more = Config(retries={"mode": "standard", "total_max_attempts": 2})
    client: DynamoDBClient = aws.client("dynamodb", aws.CLIENT.merge(once_more))
    return client


def ceilings() -> Iterator[float]:
    """Yield the longest pause after each attempt, in seconds: 20 ms, 40 ms, … 640 ms from the sixth on."""
    return (0.02 * 2 ** min(attempt, 5) for attempt in count())


def jittered(ceiling: float) -> float:
    """Return a random pause of at most the ceiling, in seconds.

    The system's randomness, because the state of Python's is frozen into a Lambda snapshot and would be the same in
    every process that is restored from it.
    """
    return SystemRandom().uniform(0, ceiling)


def pauses(attempts: int) -> Iterator[float]:
    """Yield a pause for each of the attempts: full jitter under a rising ceiling."""
    return map(jittered, islice(ceilings(), attempts))


def while_busy(call: Callable[[], T]) -> T:
    """Make a call, again while the table is busy.

    Raise :class:`Conflict` if a condition does not hold, :class:`Throttled` if the table stays busy.
    """
    for pause in pauses(attempts=6):
        try:
            return call()
        except ClientError as error:
            _raise_unless_transient(error)
        time.sleep(pause)
    raise Throttled


def _raise_unless_transient(error: ClientError) -> None:
    """Raise the error unless trying again can help.

    A cancelled transaction has a reason per item: one failed condition makes it a :class:`Conflict`, also if other
    items were busy.
    """
    response: Any = error.response
    reasons = response.get("CancellationReasons") or [response["Error"]]
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    if not codes.isdisjoint(REFUSED):
        raise Conflict from error
    if not codes <= TRANSIENT:
        raise error
