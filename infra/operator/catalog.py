"""Loading a partner's catalogs: writes the coverage areas, offerings and catalogs of an operator's file.

A load is named by its content, and its ids are derived from that name and the moment at which it began. So a second
load of the same content finds what is already written: it finishes an interrupted load, writes nothing after a finished
one, and writes the same as a concurrent one. The catalogs' names are reserved first, so that other content cannot use
them. The catalogs are written last, in one transaction, when everything in them is written. Content that cannot be
written is refused before anything is written.
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
from functions.shared.dynamodb import Conflict
from functions.shared.records import Key, Record
from functions.shared.transaction import Transaction
from infra.operator.catalog_entries import AllowanceEntry, Catalogs, OfferingEntry
from infra.operator.writing import patiently, size, write_all

T = TypeVar("T")
Named = tuple[str, T]

MAX_ITEM = 350_000
"""Bytes of a record; the table allows 400 KB, and a partner can make the name and the metadata longer."""


class CatalogLoad(Record):
    """A load of this content: since when, how much it is (so its records can be found), and whether it is finished."""

    KIND = "catalog_load"
    PREFIX = "load"

    finished: bool = False
    withdrawn: bool = False
    """Nothing more of it is written, and what was written is being removed."""
    names: list[str] = Field(default_factory=list)
    """The names of its catalogs."""
    catalogs: int
    offerings: int
    coverage_areas: int

    def new_id(self, prefix: str, number: int) -> str:
        """Return the same id for the same number, each time this content is loaded."""
        chance = sha256(f"{self.id}#{prefix}#{number}".encode()).digest()[:10]
        return f"{prefix}_{ULID(ULID.from_datetime(self.created_at).bytes[:6] + chance)}"


class _Refused(Exception):
    """Nothing is written; ``reasons`` has the reason for each name of the file."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


class TooLarge(_Refused):
    """These offerings cannot be stored."""


class NamesTaken(_Refused):
    """The partner already has catalogs with these names, from other content."""


class Withdrawn(Exception):
    """The load was withdrawn while it was being written."""

    def __init__(self) -> None:
        super().__init__("the load was withdrawn while it was being written; the rest of it is not written")


class _Records(NamedTuple):
    """Everything that a load writes, by the names of the file."""

    areas: dict[str, CatalogedCoverageArea]
    offerings: dict[str, Offering]
    catalogs: dict[str, ProductCatalog]
    held: list[Key]


def load(partner: str, catalogs: Catalogs, at: datetime | None = None) -> dict[str, str]:
    """Load the catalogs; return the ids of the offerings by name. Raise :class:`NamesTaken` or :class:`TooLarge`."""
    return write(begin(partner, catalogs, at), catalogs)


def begin(partner: str, catalogs: Catalogs, at: datetime | None = None) -> CatalogLoad:
    """Reserve the catalogs' names for this load, or find the load that has begun before; ``at`` a moment, if not now.

    Raise :class:`NamesTaken`, or :class:`TooLarge` for what the table would refuse later.
    """
    begun = _new_load(partner, catalogs, at or clock.now())
    _check_sizes(_records(begun, catalogs))
    return patiently(lambda: _begin(begun))


def write(begun: CatalogLoad, catalogs: Catalogs, report: Callable[[int], None] = lambda _: None) -> dict[str, str]:
    """Write what is not there yet; return the ids of the offerings by name. ``report`` is called after each step.

    Raise :class:`Withdrawn` if the load is withdrawn at the same time.
    """
    made = _records(begun, catalogs)
    things: list[Record | Key] = [*made.areas.values(), *made.offerings.values(), *made.held]
    write_all(begun.partner, things, report, under=lambda change: change.update(_standing(begun)))
    patiently(lambda: _finish(begun, [*made.catalogs.values()]))
    return {name: offering.id for name, offering in made.offerings.items()}


def things(catalogs: Catalogs) -> int:
    """Return how many things :func:`write` reports."""
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
    change = Transaction()
    change.create(begun)
    for name in begun.names:
        change.claim(name_key(begun.partner, name), {"load": begun.id})
    try:
        change.commit()
    except Conflict:
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
    if reasons := {
        name: f"this offering needs {count:,} bytes, and the maximum is {MAX_ITEM:,}; with fewer prices, or "
        "with fewer plans in the catalogs that contain it, it needs fewer"
        for name, offering in made.offerings.items()
        if (count := size(offering)) > MAX_ITEM
    }:
        raise TooLarge(reasons)


def _standing(begun: CatalogLoad) -> CatalogLoad:
    """Return the load as it is now. Raise :class:`Withdrawn` if it has been withdrawn."""
    kept = table.read(CatalogLoad, begun.partner, begun.id)
    if kept is None or kept.withdrawn or kept.created_at != begun.created_at:
        raise Withdrawn
    return kept


def _finish(begun: CatalogLoad, made: Sequence[ProductCatalog]) -> None:
    """Write the catalogs, so that they are visible, unless a concurrent load of the same content has."""
    kept = _standing(begun)
    if kept.finished:
        return
    kept.finished = True
    change = Transaction()
    change.update(kept)
    for catalog in made:
        change.create(catalog)
    change.commit()


def _name(partner: str, catalogs: Catalogs) -> str:
    content = json.dumps([partner, catalogs.model_dump(mode="json", exclude_defaults=True)])
    return f"{CatalogLoad.PREFIX}_{sha256(content.encode()).hexdigest()}"


def name_key(partner: str, name: str) -> Key:
    """Return the key of the guard against two catalogs with one name."""
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
        return f"a load of the catalog {name!r} was interrupted; finish it with the same content, or withdraw it"
    return f"the catalog {name!r} already exists; to replace it, withdraw it first"


def _with_new(begun: CatalogLoad, model: type[Record], entries: Mapping[str, T]) -> Iterator[tuple[Named[T], Any]]:
    """Yield each entry with the base of its record; the first has the newest id, so that lists begin with it."""
    ids = sorted((begun.new_id(model.PREFIX, number) for number in range(len(entries))), reverse=True)
    common = {"partner": begun.partner, "created_at": begun.created_at, "updated_at": begun.created_at}
    for entry, record_id in zip(entries.items(), ids, strict=True):
        yield entry, {"id": record_id} | common


def _offering(entry: OfferingEntry, areas: Mapping[str, CatalogedCoverageArea], new: Mapping[str, Any]) -> Offering:
    allowances = [_allowance(allowance, areas[allowance.coverage_area]) for allowance in entry.allowances]
    return Offering.model_validate(entry.model_dump() | dict(new) | {"allowances": allowances})


def _allowance(entry: AllowanceEntry, area: CatalogedCoverageArea) -> Allowance:
    fields = entry.model_dump(exclude={"coverage_area"}) | {"is_unlimited": entry.unit_count is None}
    return Allowance.model_validate(fields | {"coverage_area": area.model_dump()})
