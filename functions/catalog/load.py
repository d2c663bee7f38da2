"""Loading a partner's catalogs: what an operator writes down becomes coverage areas, offerings and catalogs.

In what is loaded things refer to each other by names of its own; the resources get ids of ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Self, TypeVar

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
    OfferingMetadata,
    OfferingName,
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
from functions.shared.records import Record
from functions.shared.table import Transaction

T = TypeVar("T")

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

    name: OfferingName
    type: OfferingType
    category: OfferingCategory | None = None
    status: OfferingStatus = "active"
    validity: Validity
    availability: Availability | None = None
    metadata: OfferingMetadata = None
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

    def fits(self, name: str) -> set[str]:
        """The plans that an add-on shares a catalog with (contract §2); none for anything else."""
        if self.offerings[name].type != "addon":
            return set()
        beside = {other for catalog in self.catalogs.values() if name in catalog for other in catalog}
        return {other for other in beside if self.offerings[other].type == "plan"}


def load(partner: str, catalogs: Catalogs) -> dict[str, str]:
    """Make it all the partner's; returns the ids of the offerings by their names in what is loaded.

    It only adds: loading the same twice makes everything twice. Lists show it in the order in which it is written.
    """
    areas = {
        name: CatalogedCoverageArea.model_validate(entry.model_dump() | new)
        for (name, entry), new in _with_new(CatalogedCoverageArea, partner, catalogs.coverage_areas)
    }
    offerings = {
        name: _offering(entry, areas, new) for (name, entry), new in _with_new(Offering, partner, catalogs.offerings)
    }
    for name, offering in offerings.items():
        offering.fits = sorted(offerings[plan].id for plan in catalogs.fits(name))
    write_all([*areas.values(), *offerings.values()], Transaction.create)
    for (name, held), new in _with_new(ProductCatalog, partner, catalogs.catalogs):
        _write_catalog(ProductCatalog.model_validate({"name": name} | new), [offerings[key].id for key in held])
    return {name: offering.id for name, offering in offerings.items()}


def _with_new(
    model: type[Record], partner: str, entries: Mapping[str, T]
) -> Iterator[tuple[tuple[str, T], dict[str, Any]]]:
    """Each entry with what its new record begins with; the first gets the newest id, because lists begin with it."""
    now = clock.now()
    ids = sorted((new_id(model.PREFIX) for _ in entries), reverse=True)
    for entry, record_id in zip(entries.items(), ids, strict=True):
        yield entry, {"id": record_id, "partner": partner, "created_at": now, "updated_at": now}


def _offering(entry: OfferingEntry, areas: Mapping[str, CatalogedCoverageArea], new: Mapping[str, Any]) -> Offering:
    allowances = [_allowance(allowance, areas[allowance.coverage_area]) for allowance in entry.allowances]
    return Offering.model_validate(entry.model_dump() | dict(new) | {"allowances": allowances})


def _allowance(entry: AllowanceEntry, area: CatalogedCoverageArea) -> Allowance:
    fields = entry.model_dump(exclude={"coverage_area"}) | {"is_unlimited": entry.unit_count is None}
    return Allowance.model_validate(fields | {"coverage_area": area.model_dump()})


def _write_catalog(catalog: ProductCatalog, offering_ids: Iterable[str]) -> None:
    """The catalog and an entry for each offering it holds."""
    write_all([catalog], Transaction.create)
    entries = [catalog.entry(offering_id) for offering_id in dict.fromkeys(offering_ids)]
    write_all(entries, lambda change, entry: change.claim(entry, {}))


def _refuse_unknown(what: str, names: set[str]) -> None:
    if names:
        raise ValueError(f"no such {what} here: {', '.join(sorted(names))}")
