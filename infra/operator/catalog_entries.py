"""What an operator writes down of a partner's catalogs (contract §3).

In it things refer to each other by names of its own; the resources get ids of ours.
"""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from functions.catalog.offering import (
    AllowanceType,
    AllowanceUnit,
    Availability,
    CoverageType,
    DurationValidity,
    EndOfPlanCycleValidity,
    IntervalValidity,
    OfferingCategory,
    OfferingMetadata,
    OfferingName,
    OfferingStatus,
    OfferingType,
    Price,
    Recurrence,
)
from functions.shared.clock import RequestInstant
from functions.shared.countries import Country
from functions.shared.currencies import Currency
from functions.shared.shapes import Shape

MOST_CATALOGS = 50
"""They begin to be seen all at once, in one transaction."""
UNITS = {"data": {"bytes", "megabytes", "gigabytes"}, "voice": {"seconds"}, "sms": {"count"}}

Text = Annotated[str, Field(min_length=1, max_length=300)]


def _named_among(part: str) -> AfterValidator:
    """A name of something in another part of what is loaded; the context holds the names of each part."""

    def check(name: str, info: ValidationInfo[dict[str, set[str]]]) -> str:
        if name not in info.context[part]:
            raise ValueError(f"{name!r} is not among the {part.replace('_', ' ')}")
        return name

    return AfterValidator(check)


class CoverageAreaEntry(Shape):
    """Countries in which an allowance can be used."""

    name: Text
    type: CoverageType
    countries: list[Country] = Field(min_length=1)


class AllowanceEntry(Shape):
    """So much of something in a coverage area; unlimited without ``unit`` and ``unit_count``."""

    type: AllowanceType
    unit: AllowanceUnit | None = None
    unit_count: int | None = Field(default=None, ge=1)
    coverage_area: Annotated[str, _named_among("coverage_areas")]

    @field_validator("unit")
    @classmethod
    def _unit_fits_the_type(cls, unit: str | None, info: ValidationInfo) -> str | None:
        units = UNITS.get(info.data.get("type", ""))
        if unit and units and unit not in units:
            raise ValueError(f"{info.data['type']} is not counted in {unit}")
        return unit

    @model_validator(mode="after")
    def _unit_and_count_go_together(self) -> Self:
        if (self.unit is None) != (self.unit_count is None):
            raise ValueError("unit and unit_count go together")
        return self


class RecurrenceEntry(Recurrence, Shape):
    """How often a recurring price is due."""

    unit_count: int = Field(ge=1)


class PriceEntry(Price, Shape):
    """Minor units of a currency; a recurring price says how often it is due."""

    unit_amount: int = Field(ge=0)
    currency: Currency
    recurrence: RecurrenceEntry | None = None

    @model_validator(mode="after")
    def _recurs_if_recurring(self) -> Self:
        if (self.type == "recurring") != (self.recurrence is not None):
            raise ValueError("a recurring price has a recurrence, and no other")
        return self


class DurationEntry(DurationValidity, Shape):
    """So many units from its start."""


class IntervalEntry(IntervalValidity, Shape):
    """Between two fixed moments."""

    start_at: RequestInstant
    end_at: RequestInstant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        _check_order(self.start_at, self.end_at)
        return self


class EndOfPlanCycleEntry(EndOfPlanCycleValidity, Shape):
    """Until the current plan's cycle ends."""


ValidityEntry = Annotated[DurationEntry | IntervalEntry | EndOfPlanCycleEntry, Field(discriminator="type")]


class AvailabilityEntry(Availability, Shape):
    """When it can be ordered."""

    start_at: RequestInstant | None = None
    end_at: RequestInstant | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        _check_order(self.start_at, self.end_at)
        return self


class OfferingEntry(Shape):
    """An offering as it is sold."""

    name: OfferingName
    type: OfferingType
    category: OfferingCategory | None = None
    status: OfferingStatus = "active"
    validity: ValidityEntry
    availability: AvailabilityEntry | None = None
    metadata: OfferingMetadata = None
    refundable: bool = False
    phone_number_country: Country | None = None
    allowances: list[AllowanceEntry] = Field(default_factory=list)
    prices: list[PriceEntry] = Field(default_factory=list)

    @field_validator("validity")
    @classmethod
    def _plan_has_a_duration(cls, validity: ValidityEntry, info: ValidationInfo) -> ValidityEntry:
        if info.data.get("type") == "plan" and not isinstance(validity, DurationEntry):
            raise ValueError("a plan's validity is a duration")
        return validity


class Catalogs(Shape):
    """All that is loaded at once: coverage areas, offerings, and the offerings of each catalog, by their names here.

    Only :meth:`of` makes it, because each name must be that of something in it.
    """

    coverage_areas: dict[str, CoverageAreaEntry]
    offerings: dict[str, OfferingEntry]
    catalogs: dict[Text, list[Annotated[str, _named_among("offerings")]]] = Field(max_length=MOST_CATALOGS)

    @classmethod
    def of(cls, value: Any, *, from_text: bool = False) -> Self:
        """The catalogs that the value describes; ``from_text`` takes numbers and booleans that are written as text.

        Raises ``pydantic.ValidationError`` with every fault at its place.
        """
        names = {part: _names(value, part) for part in ("coverage_areas", "offerings")}
        return cls.model_validate(value, strict=False if from_text else None, context=names)

    def fits(self, name: str) -> set[str]:
        """The plans that an add-on shares a catalog with (contract §2); none for anything else."""
        if self.offerings[name].type != "addon":
            return set()
        beside = {other for catalog in self.catalogs.values() if name in catalog for other in catalog}
        return {other for other in beside if self.offerings[other].type == "plan"}


def _names(value: Any, part: str) -> set[str]:
    entries = value.get(part) if isinstance(value, dict) else None
    return set(entries) if isinstance(entries, dict) else set()


def _check_order(start: datetime | None, end: datetime | None) -> None:
    if start and end and end <= start:
        raise ValueError("end_at must come after start_at")
