"""The time of the whole system, and how it is written; shapes of it are in moments.py."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC, to the millisecond; in the sandbox, it can be moved forward."""
    return machine_time()


def machine_time() -> datetime:
    """Return the time of this machine in UTC, to the millisecond, even in the sandbox."""
    return to_utc(datetime.now(UTC))


def to_utc(moment: datetime) -> datetime:
    """Return the moment in UTC, truncated to the millisecond.

    Raise ``ValueError`` if it is outside the years 0001-9999, to which an offset can lead.
    """
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be within the years 0001 to 9999 in UTC") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Return the moment as ISO-8601 UTC with milliseconds and ``Z`` (contract §1, Time); it sorts as text."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
