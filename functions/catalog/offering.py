"""Product offerings, what they allow and what they cost (contract §3)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.shared.links import link
from functions.shared.metadata import KEYS_WITH_VALUES, MetadataKey, MetadataText
from functions.shared.moments import Instant
from functions.shared.records import ListedBy, Record
from functions.shared.shapes import AtMost

MAX_AMOUNT = 999_999_999_999
"""Of a price, in minor units."""
MAX_ALLOWANCES = 20
"""Of an offering: with more, one change of a product could have more events than a transaction has room for."""

AllowanceType = Literal["data", "voice", "sms"]
AllowanceUnit = Literal["bytes", "megabytes", "gigabytes", "seconds", "count"]
CoverageType = Literal["local", "regional", "global"]
OfferingCategory = Literal["allowance", "additional_phone_number"]
OfferingStatus = Literal["active", "inactive"]
OfferingType = Literal["plan", "addon", "non_service"]
OfferingName = Annotated[str, Field(min_length=1, max_length=300)]
OfferingMetadata = Annotated[Annotated[dict[MetadataKey, MetadataText], AtMost(10)] | None, KEYS_WITH_VALUES]


class CoverageArea(BaseModel):
    """Where an allowance can be used: ISO 3166-1 alpha-2 countries, plus ``AN`` and ``XK``."""

    id: str
    name: str
    type: CoverageType
    countries: list[str]
    created_at: Instant
    updated_at: Instant


class Allowance(BaseModel):
    """A quantity of data, voice or SMS; ``unit`` and ``unit_count`` are absent if it is unlimited."""

    type: AllowanceType
    is_unlimited: bool = False
    unit: AllowanceUnit | None = None
    unit_count: int | None = None
    policies: list[dict[str, Any]] | None = None
    coverage_area: CoverageArea


class Recurrence(BaseModel):
    """How often a recurring price is due."""

    unit: Literal["day", "week", "month", "year"]
    unit_count: int


class Price(BaseModel):
    """Minor units of an ISO 4217 currency."""

    type: Literal["one_time", "recurring", "prorate"]
    unit_amount: int
    currency: str
    recurrence: Recurrence | None = None


class DurationValidity(BaseModel):
    """A number of units from its start; starts again each time if it is recurrent."""

    type: Literal["duration"]
    unit: Literal["day", "week", "month", "year"]
    unit_count: int = Field(ge=1)
    is_recurrent: bool = False


class IntervalValidity(BaseModel):
    """Between two fixed moments."""

    type: Literal["interval"]
    start_at: Instant
    end_at: Instant


class EndOfPlanCycleValidity(BaseModel):
    """Until the current plan's cycle ends."""

    type: Literal["end_of_plan_cycle"]


Validity = Annotated[DurationValidity | IntervalValidity | EndOfPlanCycleValidity, Field(discriminator="type")]


class Availability(BaseModel):
    """When it can be ordered."""

    start_at: Instant | None = None
    end_at: Instant | None = None


class OfferingTerms(BaseModel):
    """The copy of an offering that an order freezes, for its products and their renewals (contract §2)."""

    id: str
    name: str
    type: OfferingType
    category: OfferingCategory | None = None
    validity: Validity
    metadata: dict[str, str] | None = None
    phone_number_country: str | None = None
    allowances: list[Allowance] = Field(default_factory=list)
    prices: list[Price] = Field(default_factory=list)


class Offering(OfferingTerms, Record):
    """A product offering of a partner.

    ``fits`` has the ids of the plans that share a catalog with an add-on. Loading a catalog sets it, so that an order
    needs to read only the add-on to know which plans it fits.
    """

    KIND = "offering"
    PREFIX = "prdoff"
    PLURAL = "product_offerings"
    LISTS = (ListedBy("gsi1"),)

    status: OfferingStatus
    availability: Availability | None = None
    refundable: bool = False
    fits: list[str] = Field(default_factory=list)

    @property
    def countries(self) -> set[str]:
        """The countries in which at least one of its allowances can be used."""
        return {country for allowance in self.allowances for country in allowance.coverage_area.countries}

    def terms(self) -> OfferingTerms:
        """Return the copy that an order stores, including members that only other versions of the code know."""
        return OfferingTerms.model_validate({name: getattr(self, name) for name in OfferingTerms.model_fields})


SHOWN = {"id", "name", "status", "type", "category", "created_at", "updated_at", "availability", "validity"}
SHOWN |= {"metadata", "refundable", "phone_number_country"}
SHOWN_FROZEN = {"id", "name", "type", "category", "validity", "metadata"}


def show_coverage_area(area: CoverageArea) -> dict[str, Any]:
    """Return the resource as the API shows it, also when embedded."""
    fields = area.model_dump(mode="json", include=set(CoverageArea.model_fields))
    return fields | {"_links": {"self": link(f"/coverage-areas/{area.id}")}}


def show_allowance(allowance: Allowance) -> dict[str, Any]:
    """Return an allowance with its coverage area."""
    fields = allowance.model_dump(mode="json", exclude={"coverage_area"}, exclude_none=True)
    return fields | {"_embedded": {"coverage_area": show_coverage_area(allowance.coverage_area)}}


def show_offering(offering: Offering) -> dict[str, Any]:
    """Return the resource of contract §3."""
    path = f"/product-offerings/{offering.id}"
    fields = offering.model_dump(mode="json", include=SHOWN, exclude_none=True)
    return fields | {
        "_embedded": {
            "allowances": [show_allowance(allowance) for allowance in offering.allowances],
            "prices": [price.model_dump(mode="json", exclude_none=True) for price in offering.prices],
        },
        "_links": {"self": link(path), "compatible": link(f"{path}/compatible")},
    }


def show_frozen_offering(terms: OfferingTerms) -> dict[str, Any]:
    """Return the offering as a product embeds it (contract §6)."""
    return terms.model_dump(mode="json", include=SHOWN_FROZEN, exclude_none=True) | {
        "_embedded": {"allowances": [show_allowance(allowance) for allowance in terms.allowances]},
        "_links": {"self": link(f"/product-offerings/{terms.id}")},
    }
