"""The content of an operator's file of catalogs (contract §3).

In a file, things refer to each other by names; the resources get ids of ours.
"""

from collections import Counter
from functools import cached_property, partial
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from functions.catalog.offering import (
    MAX_ALLOWANCES,
    MAX_AMOUNT,
    AllowanceType,
    AllowanceUnit,
    CoverageType,
    OfferingCategory,
    OfferingMetadata,
    OfferingName,
    OfferingStatus,
    OfferingType,
    Price,
)
from functions.products.balances import BYTES
from functions.shared.countries import Country
from functions.shared.currencies import Currency
from functions.shared.shapes import Shape
from infra.operator.catalog_times import AvailabilityEntry, Count, DurationEntry, RecurrenceEntry, ValidityEntry
from infra.operator.values import FLAG, NORMALIZED, normalized, whole_number

MAX_CATALOGS = 50
"""They become visible in one transaction."""
MAX_ENTRIES = 10_000
"""Of coverage areas and of offerings, in one load."""
UNITS = {"data": {"bytes", "megabytes", "gigabytes"}, "voice": {"seconds"}, "sms": {"count"}}
MAX_QUANTITY = 2**53 - 1
"""Of bytes, seconds or messages."""


def _each_once(countries: list[str]) -> list[str]:
    if repeated := [country for country, times in Counter(countries).items() if times > 1]:
        raise ValueError(f"must not repeat {', '.join(repeated)}")
    return countries


Text = Annotated[str, Field(min_length=1, max_length=300), NORMALIZED]
Name = Annotated[str, NORMALIZED]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT), whole_number("in minor units: 20.00 EUR is 2000")]
Flag = Annotated[bool, FLAG]


def _named_among(part: str) -> AfterValidator:
    """Check that a name is defined in another part of the file; the context has the names of each part."""
    return AfterValidator(partial(_check_named, part))


def _check_named(part: str, name: str, info: ValidationInfo[dict[str, set[str]]]) -> str:
    if name not in info.context[part]:
        raise ValueError(f"{name!r} is not one of the {part.replace('_', ' ')}")
    return name


class CoverageAreaEntry(Shape):
    """Countries in which an allowance can be used."""

    name: Text
    type: CoverageType
    countries: Annotated[list[Country], Field(min_length=1), AfterValidator(_each_once)]


class AllowanceEntry(Shape):
    """A quantity of something in a coverage area; unlimited without ``unit`` and ``unit_count``."""

    type: AllowanceType
    unit: AllowanceUnit | None = None
    unit_count: Count | None = None
    coverage_area: Annotated[Name, _named_among("coverage_areas")]

    @field_validator("unit")
    @classmethod
    def _unit_fits_the_type(cls, unit: str | None, info: ValidationInfo) -> str | None:
        units = UNITS.get(info.data.get("type", ""))
        if unit and units and unit not in units:
            raise ValueError(f"{info.data['type']} cannot be counted in {unit}")
        return unit

    @field_validator("unit_count")
    @classmethod
    def _quantity_can_be_metered(cls, count: int | None, info: ValidationInfo) -> int | None:
        unit = info.data.get("unit")
        maximum = MAX_QUANTITY // BYTES.get(unit, 1) if unit else MAX_QUANTITY
        if count and count > maximum:
            raise ValueError(f"must be at most {maximum} {unit or ''}".strip())
        return count

    @model_validator(mode="after")
    def _unit_and_count_go_together(self) -> Self:
        if (self.unit is None) != (self.unit_count is None):
            raise ValueError("must have both unit and unit_count, or neither")
        return self


class PriceEntry(Price, Shape):
    """Minor units of a currency; a recurring price says how often it is due."""

    unit_amount: Amount
    currency: Currency
    recurrence: RecurrenceEntry | None = None

    @model_validator(mode="after")
    def _recurs_if_recurring(self) -> Self:
        if (self.type == "recurring") != (self.recurrence is not None):
            raise ValueError("must have a recurrence if the type is 'recurring', and none otherwise")
        return self


class OfferingEntry(Shape):
    """An offering as it is sold."""

    name: Annotated[OfferingName, NORMALIZED]
    type: OfferingType
    category: OfferingCategory | None = None
    status: OfferingStatus = "active"
    validity: ValidityEntry
    availability: AvailabilityEntry | None = None
    metadata: OfferingMetadata = None
    refundable: Flag = False
    phone_number_country: Country | None = None
    allowances: list[AllowanceEntry] = Field(default_factory=list, max_length=MAX_ALLOWANCES)
    prices: list[PriceEntry] = Field(default_factory=list)

    @field_validator("validity")
    @classmethod
    def _plan_has_a_duration(cls, validity: ValidityEntry, info: ValidationInfo) -> ValidityEntry:
        if info.data.get("type") == "plan" and not isinstance(validity, DurationEntry):
            raise ValueError("must be of type 'duration' for a plan")
        return validity


class Catalogs(Shape):
    """Everything in a file: coverage areas, offerings, and the offerings of each catalog, by their names.

    Created only by :meth:`of`, which checks that every name is defined.
    """

    coverage_areas: dict[Name, CoverageAreaEntry] = Field(max_length=MAX_ENTRIES)
    offerings: dict[Name, OfferingEntry] = Field(max_length=MAX_ENTRIES)
    catalogs: dict[Text, list[Annotated[Name, _named_among("offerings")]]] = Field(max_length=MAX_CATALOGS)

    @field_validator("*", mode="before")
    @classmethod
    def _names_differ(cls, value: Any) -> Any:
        if repeated := [name for name, times in Counter(_names(value)).items() if times > 1]:
            raise ValueError(f"{repeated[0]!r} is given twice, in two spellings")
        return value

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return the catalogs of the value. Raise ``pydantic.ValidationError`` with every fault at its place."""
        parts = value if isinstance(value, dict) else {}
        names = {part: {*_names(parts.get(part))} for part in ("coverage_areas", "offerings")}
        return cls.model_validate(value, context=names)

    def fits(self, name: str) -> set[str]:
        """Return the plans that share a catalog with an add-on (contract §2); none for other types."""
        if self.offerings[name].type != "addon":
            return set()
        return {plan for held, plans in self._held if name in held for plan in plans}

    @cached_property
    def _held(self) -> list[tuple[frozenset[str], list[str]]]:
        """The offerings of each catalog, and the plans among them."""
        held = [frozenset(names) for names in self.catalogs.values()]
        return [(names, [name for name in names if self.offerings[name].type == "plan"]) for names in held]


def _names(part: Any) -> list[str]:
    return [normalized(name) for name in part if isinstance(name, str)] if isinstance(part, dict) else []
