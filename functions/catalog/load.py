"""Loading a partner's catalogs: what an operator writes down becomes coverage areas, offerings and catalogs.

In what is loaded things refer to each other by names of its own; the resources get ids of ours.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.catalog.offering import (
    Allowance,
    AllowanceType,
    AllowanceUnit,
    Availability,
    CoverageType,
    DurationValidity,
    Offering,
    OfferingCategory,
    OfferingStatus,
    OfferingType,
    Price,
    Validity,
)
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog
from functions.shared import clock
from functions.shared.countries import Country
from functions.shared.ids import new_id
from functions.shared.loading import write_all
from functions.shared.table import Record, Transaction

Text = Annotated[str, Field(min_length=1, max_length=300)]


class Entry(BaseModel):
    """A part of what is loaded; a member that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class CoverageAreaEntry(Entry):
    """Countries in which an allowance can be used."""

    name: Text
    type: CoverageType
    countries: list[Country] = Field(min_length=1)


class AllowanceEntry(Entry):
    """So much of something in a coverage area; unlimited without ``unit`` and ``unit_count``."""

    type: AllowanceType
    unit: AllowanceUnit | None = None
    unit_count: int | None = Field(default=None, ge=1)
    coverage_area: str

    @model_validator(mode="after")
    def _unit_and_count_go_together(self) -> Self:
        if (self.unit is None) != (self.unit_count is None):
            raise ValueError("unit and unit_count go together")
        return self


class OfferingEntry(Entry):
    """An offering as it is sold (contract §3)."""

    name: Text
    type: OfferingType
    category: OfferingCategory | None = None
    status: OfferingStatus = "active"
    validity: Validity
    availability: Availability | None = None
    metadata: dict[str, Text] | None = Field(default=None, max_length=10)
    refundable: bool = False
    phone_number_country: Country | None = None
    allowances: list[AllowanceEntry] = Field(default_factory=list)
    prices: list[Price] = Field(default_factory=list)

    @model_validator(mode="after")
    def _plan_has_a_duration(self) -> Self:
        if self.type == "plan" and not isinstance(self.validity, DurationValidity):
            raise ValueError("a plan's validity is a duration")
        return self


class Catalogs(Entry):
    """All that is loaded at once: coverage areas, offerings, and the offerings of each catalog, by their names here."""

    coverage_areas: dict[str, CoverageAreaEntry]
    offerings: dict[str, OfferingEntry]
    catalogs: dict[Text, list[str]]

    @model_validator(mode="after")
    def _everything_named_is_here(self) -> Self:
        areas = {allowance.coverage_area for entry in self.offerings.values() for allowance in entry.allowances}
        _refuse_unknown("coverage areas", areas - self.coverage_areas.keys())
        offerings = {name for catalog in self.catalogs.values() for name in catalog}
        _refuse_unknown("offerings", offerings - self.offerings.keys())
        return self

    def plans_beside(self, addon: str) -> set[str]:
        """The plans that share a catalog with the add-on: those it fits (contract §2)."""
        beside = {name for catalog in self.catalogs.values() if addon in catalog for name in catalog}
        return {name for name in beside if self.offerings[name].type == "plan"}


def load(partner: str, catalogs: Catalogs) -> dict[str, str]:
    """Make it all the partner's; returns the ids of the offerings by their names in what is loaded.

    It only adds: loading the same twice makes everything twice.
    """
    now = clock.now()
    areas = {name: _area(partner, entry, now) for name, entry in catalogs.coverage_areas.items()}
    offerings = {name: _offering(partner, entry, areas, now) for name, entry in catalogs.offerings.items()}
    for name, offering in offerings.items():
        if offering.type == "addon":
            offering.fits = sorted(offerings[plan].id for plan in catalogs.plans_beside(name))
    ids = {name: offering.id for name, offering in offerings.items()}
    write_all([*areas.values(), *offerings.values()], Transaction.create)
    for name, held in catalogs.catalogs.items():
        _write_catalog(partner, name, (ids[offering] for offering in held), now)
    return ids


def _area(partner: str, entry: CoverageAreaEntry, now: datetime) -> CatalogedCoverageArea:
    return CatalogedCoverageArea.model_validate(entry.model_dump() | _new(CatalogedCoverageArea, partner, now))


def _offering(
    partner: str, entry: OfferingEntry, areas: Mapping[str, CatalogedCoverageArea], now: datetime
) -> Offering:
    allowances = [_allowance(allowance, areas[allowance.coverage_area]) for allowance in entry.allowances]
    fields = entry.model_dump(exclude={"allowances"}) | _new(Offering, partner, now)
    return Offering.model_validate(fields | {"allowances": allowances})


def _allowance(entry: AllowanceEntry, area: CatalogedCoverageArea) -> Allowance:
    fields = entry.model_dump(exclude={"coverage_area"}) | {"is_unlimited": entry.unit_count is None}
    return Allowance.model_validate(fields | {"coverage_area": area.model_dump()})


def _write_catalog(partner: str, name: str, offering_ids: Iterable[str], now: datetime) -> None:
    """The catalog and an entry for each offering it holds."""
    catalog = ProductCatalog.model_validate({"name": name} | _new(ProductCatalog, partner, now))
    write_all([catalog], Transaction.create)
    entries = [catalog.entry(offering_id) for offering_id in dict.fromkeys(offering_ids)]
    write_all(entries, lambda change, entry: change.claim(entry, {}))


def _new(model: type[Record], partner: str, now: datetime) -> dict[str, object]:
    return {"id": new_id(model.PREFIX), "partner": partner, "created_at": now, "updated_at": now}


def _refuse_unknown(what: str, names: set[str]) -> None:
    if names:
        raise ValueError(f"no such {what} here: {', '.join(sorted(names))}")
