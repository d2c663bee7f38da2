"""The time of the whole system and how it is written."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer


def now() -> datetime:
    """The present moment in UTC, to the millisecond."""
    return to_utc(datetime.now(UTC))


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC, cut to the millisecond."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, as contract §1 writes every time; sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Instant = Annotated[AwareDatetime, AfterValidator(to_utc), PlainSerializer(iso, return_type=str)]
"""A moment with an offset (RFC 3339) on the way in, ISO-8601 UTC with milliseconds on the way out."""
