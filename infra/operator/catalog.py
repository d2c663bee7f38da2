"""Loading a partner's catalogs: what an operator has written down becomes coverage areas, offerings and catalogs.

A load is named by its content, and its ids follow from that name and the moment it first began. So the same content
once more finds what is there already: after a load that was cut off it writes the rest, after one that was finished
it writes nothing, and two at once write the same. The catalogs' names are taken first, so that other content cannot
have them; the catalogs themselves are written last and all at once, when everything they hold is there. What could not
be written is refused before anything is.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from pydantic import Field
from ulid import ULID

from functions.catalog.offering import Allowance, Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog
from functions.shared import clock, table
from functions.shared.records import Key, Record
from infra.operator.catalog_entries import MAX_ENTRIES, MOST_CATALOGS, AllowanceEntry, Catalogs, OfferingEntry
from infra.operator.writing import patiently, size, write_all

T = TypeVar("T")

MAX_ITEM = 350_000
"""Bytes of a record; the table takes 400 KB, and a partner may make its name and metadata longer."""


class CatalogLoad(Record):
    """That this content is loaded, since when, how much it is, and whether everything is written.

    By the numbers its records are found again; the defaults hold for a load that was begun before they were kept.
    """

    KIND = "catalog_load"
    PREFIX = "load"

    finished: bool = False
    withdrawn: bool = False
    """Nothing more is written of it, and what was is being removed."""
    names: list[str] = Field(default_factory=list)
    """Of its catalogs."""
    catalogs: int = MOST_CATALOGS
    offerings: int = MAX_ENTRIES
    coverage_areas: int = MAX_ENTRIES

    def new_id(self, prefix: str, number: int) -> str:
        """The same id for the same number, each time this content is loaded."""
        chance = sha256(f"{self.id}#{prefix}#{number}".encode()).digest()[:10]
        return f"{prefix}_{ULID(ULID.from_datetime(self.created_at).bytes[:6] + chance)}"


class TooLarge(Exception):
    """These offerings cannot be stored, each by its name in what is loaded. Nothing is written."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


class Withdrawn(Exception):
    """The load was withdrawn while it was being written."""

    def __init__(self) -> None:
        super().__init__("the load was withdrawn meanwhile; nothing more of it is written")


class NamesTaken(Exception):
    """The partner has catalogs of these names from other content; ``reasons`` says more of each. Nothing is written."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


class _Records(NamedTuple):
    """All that a load writes, by its names in what is loaded."""

    areas: dict[str, CatalogedCoverageArea]
    offerings: dict[str, Offering]
    catalogs: dict[str, ProductCatalog]
    held: list[Key]


def load(partner: str, catalogs: Catalogs, at: datetime | None = None) -> dict[str, str]:
    """Make it all the partner's; returns the ids of the offerings by their names in what is loaded.

    Lists show it in the order in which it is written. Raises :class:`NamesTaken` and :class:`TooLarge`.
    """
    return write(begin(partner, catalogs, at), catalogs)


def begin(partner: str, catalogs: Catalogs, at: datetime | None = None) -> CatalogLoad:
    """Take the catalogs' names for this load, or find that it has begun before; ``at`` a moment, if not now.

    Raises :class:`NamesTaken`, or :class:`TooLarge` for what the table would refuse later.
    """
    begun = _new_load(partner, catalogs, at or clock.now())
    _check_sizes(_records(begun, catalogs))
    return patiently(lambda: _begin(begun))


def write(begun: CatalogLoad, catalogs: Catalogs, told: Callable[[int], None] = lambda _: None) -> dict[str, str]:
    """Write what is not there yet; returns the ids of the offerings by their names. ``told`` hears of each step.

    Raises :class:`Withdrawn` if somebody withdraws the load at the same time.
    """
    made = _records(begun, catalogs)
    write_all(
        begun.partner,
        [*made.areas.values(), *made.offerings.values(), *made.held],
        told,
        under=lambda change: change.update(_standing(begun)),
    )
    patiently(lambda: _finish(begun, [*made.catalogs.values()]))
    return {name: offering.id for name, offering in made.offerings.items()}


def things(catalogs: Catalogs) -> int:
    """How many things :func:`write` tells of."""
    held = sum(len(set(keys)) for keys in catalogs.catalogs.values())
    return len(catalogs.coverage_areas) + len(catalogs.offerings) + held


def _new_load(partner: str, catalogs: Catalogs, now: datetime) -> CatalogLoad:
    return CatalogLoad(
        id=_name(partner, catalogs),
        partner=partner,
        created_at=now,
        updated_at=now,
        names=[*catalogs.catalogs],
        catalogs=len(catalogs.catalogs),
        offerings=len(catalogs.offerings),
        coverage_areas=len(catalogs.coverage_areas),
    )


def _begin(begun: CatalogLoad) -> CatalogLoad:
    change = table.Transaction()
    change.create(begun)
    for name in begun.names:
        change.claim(name_key(begun.partner, name), {"load": begun.id})
    try:
        change.commit()
    except table.Conflict:
        known = table.read(CatalogLoad, begun.partner, begun.id)
        if known and not known.withdrawn:
            return known
        if reasons := _taken(begun.partner, begun.names):
            raise NamesTaken(reasons) from None
        raise
    return begun


def _records(begun: CatalogLoad, catalogs: Catalogs) -> _Records:
    areas = {
        name: CatalogedCoverageArea.model_validate(entry.model_dump() | new)
        for (name, entry), new in _with_new(begun, CatalogedCoverageArea, catalogs.coverage_areas)
    }
    offerings = {
        name: _offering(entry, areas, new) for (name, entry), new in _with_new(begun, Offering, catalogs.offerings)
    }
    for name, offering in offerings.items():
        offering.fits = sorted(offerings[plan].id for plan in catalogs.fits(name))
    made = {
        name: ProductCatalog.model_validate({"name": name} | new)
        for (name, _), new in _with_new(begun, ProductCatalog, catalogs.catalogs)
    }
    held = dict.fromkeys(made[name].entry(offerings[key]) for name, keys in catalogs.catalogs.items() for key in keys)
    return _Records(areas, offerings, made, [*held])


def _check_sizes(made: _Records) -> None:
    sizes = {name: size(offering) for name, offering in made.offerings.items()}
    if reasons := {
        name: f"this offering takes {count:,} bytes, and the table {MAX_ITEM:,}; with fewer prices, or fewer plans in "
        "the catalogs that hold it, it takes less"
        for name, count in sizes.items()
        if count > MAX_ITEM
    }:
        raise TooLarge(reasons)


def _standing(begun: CatalogLoad) -> CatalogLoad:
    """The load as it is now. Raises :class:`Withdrawn` if it is to be written no more."""
    kept = table.read(CatalogLoad, begun.partner, begun.id)
    if kept is None or kept.withdrawn or kept.created_at != begun.created_at:
        raise Withdrawn
    return kept


def _finish(begun: CatalogLoad, made: Sequence[ProductCatalog]) -> None:
    """Let the catalogs be seen, unless the same load has done so in between."""
    kept = _standing(begun)
    if kept.finished:
        return
    kept.finished = True
    change = table.Transaction()
    change.update(kept)
    for catalog in made:
        change.create(catalog)
    change.commit()


def _name(partner: str, catalogs: Catalogs) -> str:
    content = json.dumps([partner, catalogs.model_dump(mode="json", exclude_defaults=True)])
    return f"{CatalogLoad.PREFIX}_{sha256(content.encode()).hexdigest()}"


def name_key(partner: str, name: str) -> Key:
    """What keeps two loads from making two catalogs of one name."""
    return Key(f"{partner}#catalog_name#{name}", "catalog_name")


def _taken(partner: str, names: Sequence[str]) -> dict[str, str]:
    keys = {name: name_key(partner, name) for name in names}
    found = table.read_all(partner, {}, [*keys.values()])
    holders = {name: item["load"] for name, key in keys.items() if (item := found.item(key))}
    loads = table.read_all(partner, {CatalogLoad: set(holders.values())})
    return {name: _reason(name, loads.get(CatalogLoad, holder)) for name, holder in holders.items()}


def _reason(name: str, holder: CatalogLoad | None) -> str:
    if holder and holder.withdrawn:
        return f"the catalog {name!r} is being withdrawn; finish that first"
    if holder and not holder.finished:
        return f"a load of the catalog {name!r} was cut off; finish it with the content it had, or withdraw it"
    return f"there is a catalog {name!r} already; withdraw it first if this is to replace it"


def _with_new(
    begun: CatalogLoad, model: type[Record], entries: Mapping[str, T]
) -> Iterator[tuple[tuple[str, T], dict[str, Any]]]:
    """Each entry with what its new record begins with; the first gets the newest id, because lists begin with it."""
    ids = sorted((begun.new_id(model.PREFIX, number) for number in range(len(entries))), reverse=True)
    now = begun.created_at
    for entry, record_id in zip(entries.items(), ids, strict=True):
        yield entry, {"id": record_id, "partner": begun.partner, "created_at": now, "updated_at": now}


def _offering(entry: OfferingEntry, areas: Mapping[str, CatalogedCoverageArea], new: Mapping[str, Any]) -> Offering:
    allowances = [_allowance(allowance, areas[allowance.coverage_area]) for allowance in entry.allowances]
    return Offering.model_validate(entry.model_dump() | dict(new) | {"allowances": allowances})


def _allowance(entry: AllowanceEntry, area: CatalogedCoverageArea) -> Allowance:
    fields = entry.model_dump(exclude={"coverage_area"}) | {"is_unlimited": entry.unit_count is None}
    return Allowance.model_validate(fields | {"coverage_area": area.model_dump()})
