"""When an order is to be carried out (contract §2, ``schedule``)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict

from functions.orders.requests import OnSubscription
from functions.shared import clock
from functions.shared.moments import RequestDate
from functions.shared.refusals import Code, Fault, refuses
from functions.shared.shapes import Shape, has
from functions.subscriptions.subscription import Subscription

MAX_AHEAD = timedelta(days=365)
MAX_SCHEDULED = 40
"""Of one subscription."""
Mode = Literal["end_of_cycle", "specific_date"]


def _from_today_within_a_year(day: date) -> date:
    today = clock.now().date()
    if not today <= day <= today + MAX_AHEAD:
        raise ValueError("must be today or a date at most 365 days ahead")
    return day


MODES: dict[Mode, JsonDict] = {
    mode: {
        "anyOf": [has("mode", mode), has("type", mode)],
        "properties": {name: {"enum": [mode, None]} for name in ("mode", "type")},
    }
    for mode in get_args(Mode)
}
"""The schema of a schedule with this mode; ``null`` means absent."""


class Schedule(Shape):
    """The end of the current plan's cycle, or a date (00:00:00 UTC); ``type`` is an alias of ``mode``."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"effective_at": {"type": "null"}}},
            "then": MODES["end_of_cycle"],
            "else": MODES["specific_date"],
        }
    )

    mode: Mode | None = None
    type: Mode | None = None
    effective_at: Annotated[RequestDate, AfterValidator(_from_today_within_a_year)] | None = Field(
        default=None, validate_default=True
    )

    @field_validator("effective_at")
    @classmethod
    def _goes_with_the_mode(cls, effective_at: date | None, info: ValidationInfo) -> date | None:
        mode = info.data.get("mode") or info.data.get("type")
        if mode and (mode == "specific_date") != (effective_at is not None):
            raise ValueError("this member is required if mode is 'specific_date', and not allowed otherwise")
        return effective_at

    @model_validator(mode="after")
    def _has_one_mode(self) -> Self:
        if self.mode is None and self.type is None:
            raise ValueError("must have a mode")
        if self.mode and self.type and self.mode != self.type:
            raise ValueError("must have the same value for mode and type if both are given")
        self.mode = self.mode or self.type
        return self


class Schedulable(OnSubscription):
    """An order on a subscription that can be carried out later."""

    schedule: Schedule | None = None


@refuses(Code.NO_ACTIVE_PLAN)
def check_schedule(schedule: Schedule | None, subscription: Subscription | None) -> Iterator[Fault]:
    """Yield a fault if ``end_of_cycle`` is requested without a current plan."""
    if schedule and schedule.mode == "end_of_cycle" and subscription and subscription.plan_cycle_end() is None:
        yield Fault(
            Code.NO_ACTIVE_PLAN, "The subscription has no active plan, so no cycle that could end.", "$.schedule"
        )


@refuses(Code.ORDER_ALREADY_SCHEDULED)
def check_waiting(
    release_at: datetime | None, subscription: Subscription | None, only_one_of: str | None = None
) -> Iterator[Fault]:
    """Yield the faults of an order that would wait: too many scheduled orders, or a second one of its type."""
    if release_at is None or subscription is None:
        return
    if only_one_of in {waiting.type for waiting in subscription.lock.scheduled}:
        detail = "Another order of this type is already scheduled; cancel that one first."
        yield Fault(Code.ORDER_ALREADY_SCHEDULED, detail, "$.schedule")
    if len(subscription.lock.scheduled) >= MAX_SCHEDULED:
        detail = f"The subscription already has {MAX_SCHEDULED} scheduled orders, the maximum; cancel one first."
        yield Fault(Code.ORDER_ALREADY_SCHEDULED, detail, "$.schedule")


def release_of(schedule: Schedule | None, cycle_end: datetime | None, now: datetime) -> datetime | None:
    """Return when the order is released; ``None`` for immediately, which includes today.

    The cycle may have ended before the clock has noticed; the order is then released as of that moment.
    """
    if schedule is None or schedule.effective_at is None:
        return cycle_end if schedule else None
    moment = datetime.combine(schedule.effective_at, time.min, UTC)
    return moment if moment > now else None


def scheduled(schedule: Schedule | None, cycle_end: datetime | None, now: datetime) -> dict[str, Any]:
    """Return what the order stores: the schedule as responses show it, and the time of the release."""
    if schedule is None:
        return {}
    day = schedule.effective_at or (cycle_end or now).date()
    return {
        "schedule": {"mode": schedule.mode, "effective_at": day.isoformat()},
        "release_at": release_of(schedule, cycle_end, now),
    }
