"""When an offering can be ordered, how long it lasts, and how often it is paid (contract §3)."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from functions.catalog.offering import (
    Availability,
    DurationValidity,
    EndOfPlanCycleValidity,
    IntervalValidity,
    Recurrence,
)
from functions.shared.moments import RequestInstant
from functions.shared.shapes import Shape
from infra.operator.values import FLAG, whole_number

MAX_DURATION = {"day": 36_525, "week": 5_217, "month": 1_200, "year": 100}
"""A hundred years."""
FIRST_YEAR, LAST_YEAR = 2000, 2200


def _within_the_calendar(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must be within the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


Count = Annotated[int, Field(ge=1), whole_number("like 1000")]
Moment = Annotated[RequestInstant, AfterValidator(_within_the_calendar)]
Flag = Annotated[bool, FLAG]


def _check_duration(count: int, info: ValidationInfo) -> int:
    unit = info.data.get("unit")
    if unit and count > MAX_DURATION[unit]:
        raise ValueError(f"must be at most {MAX_DURATION[unit]} {unit}s: no duration exceeds 100 years")
    return count


class RecurrenceEntry(Recurrence, Shape):
    """How often a recurring price is due."""

    unit_count: Count

    _lasts_a_century_at_most = field_validator("unit_count")(_check_duration)


class DurationEntry(DurationValidity, Shape):
    """A number of units from its start."""

    unit_count: Count
    is_recurrent: Flag = False

    _lasts_a_century_at_most = field_validator("unit_count")(_check_duration)


class IntervalEntry(IntervalValidity, Shape):
    """Between two fixed moments."""

    start_at: Moment
    end_at: Moment

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        _check_order(self.start_at, self.end_at)
        return self


class EndOfPlanCycleEntry(EndOfPlanCycleValidity, Shape):
    """Until the current plan's cycle ends."""


ValidityEntry = Annotated[DurationEntry | IntervalEntry | EndOfPlanCycleEntry, Field(discriminator="type")]


class AvailabilityEntry(Availability, Shape):
    """When it can be ordered."""

    start_at: Moment | None = None
    end_at: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        _check_order(self.start_at, self.end_at)
        return self


def _check_order(start: datetime | None, end: datetime | None) -> None:
    if start and end and end <= start:
        raise ValueError("end_at must be after start_at")
