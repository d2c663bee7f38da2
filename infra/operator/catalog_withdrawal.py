"""Withdrawing a load, so that its catalogs' names can be used again.

First the sale is stopped: the catalogs are deleted, and the offerings become inactive. Offerings that were not sold by
then are deleted; those that were sold stay, inactive, because products link to them. Each step continues what an
earlier attempt has left, so the same command finishes an interrupted withdrawal.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import sleep
from typing import NamedTuple, TypeVar

from functions.catalog.offering import Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog, held_offerings
from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.records import Key, Record, id_in
from functions.shared.transaction import Transaction
from infra.operator.catalog import CatalogLoad, name_key
from infra.operator.values import normalized
from infra.operator.writing import batches, patiently, weighed

ANSWERED_WITHIN = timedelta(seconds=15)
"""The longest time between a request's read and its order: no door runs longer."""
SOLD_NOTHING = {"failed", "canceled", "expired"}
PAGE = 100

R = TypeVar("R", bound=Record)


class NoSuchCatalog(Exception):
    """The partner has neither a catalog of this name nor a load of one."""


class Sold(Exception):
    """Something was sold; ``orders`` has an order for each sold offering, by its name. Nothing is withdrawn."""

    def __init__(self, orders: Mapping[str, str]) -> None:
        super().__init__("something was sold")
        self.orders = orders


class Withdrawal(NamedTuple):
    """The names of the withdrawn catalogs, and the number of offerings that stay because they were sold."""

    names: list[str]
    kept: int


def withdraw(
    partner: str, name: str, *, even_if_sold: bool = False, report: Callable[[str], None] = lambda _: None
) -> Withdrawal:
    """Withdraw the load of this catalog, with everything in it. ``report`` is called before a long step.

    Raise :class:`NoSuchCatalog`, or, unless ``even_if_sold``, :class:`Sold` if something was sold from it.
    """
    load = patiently(lambda: _load_of(partner, name))
    since, sold = load.created_at, dict[str, str]()
    if not load.withdrawn:
        since, sold = clock.now() - 2 * ANSWERED_WITHIN, _sold(load, since)
        if sold and not even_if_sold:
            raise Sold(_by_name(load, sold))
    names = patiently(lambda: _hide(load))
    if _deactivate(load):
        report("waiting for orders that are being accepted")
        sleep(ANSWERED_WITHIN.total_seconds())
    sold |= _sold(load, since)
    kept = _remove_unsold(load, sold)
    patiently(lambda: _free(load, names))
    return Withdrawal(names, kept)


def _load_of(partner: str, name: str) -> CatalogLoad:
    for spelling in dict.fromkeys([normalized(name), name]):
        guard = table.get_item(name_key(partner, spelling))
        if guard:
            load = table.read(CatalogLoad, partner, guard["load"])
            if load is None:
                raise Conflict
            load.names = load.names or [spelling]
            return load
    raise NoSuchCatalog(f"the catalog {name!r} does not exist")


def _sold(load: CatalogLoad, since: datetime) -> dict[str, str]:
    """Return the load's offerings that an order since then has sold or can still sell, each with one such order."""
    ids = {*_ids(load, Offering, load.offerings)}
    return {
        line.offering.id: order.id
        for order in _orders(load.partner, since)
        if order.status not in SOLD_NOTHING
        for line in order.lines
        if line.offering.id in ids
    }


def _orders(partner: str, since: datetime) -> Iterator[Order]:
    """Yield the partner's orders, newest first, back to the moment."""
    start, more = None, True
    while more:
        entries, more = table.keys_in(Order.partition(partner), start, limit=PAGE)
        keys = [entry["sk"] for entry in entries]
        found = table.read_all(partner, {Order: map(id_in, keys)})
        for start in keys:
            order = found.get(Order, id_in(start))
            if order and order.created_at < since:
                return
            if order:
                yield order


def _by_name(load: CatalogLoad, sold: Mapping[str, str]) -> dict[str, str]:
    return {offering.name: sold[offering.id] for offering in _there(load, Offering, sold)}


def _hide(load: CatalogLoad) -> list[str]:
    """Stop the load from being written, and delete its catalogs; return their names."""
    kept = table.read(CatalogLoad, load.partner, load.id)
    if kept is None or kept.created_at != load.created_at:
        return load.names
    kept.withdrawn = True
    change = Transaction()
    change.update(kept)
    catalogs = [*_there(load, ProductCatalog, _ids(load, ProductCatalog, load.catalogs))]
    kept.names = [*dict.fromkeys([*load.names, *(catalog.name for catalog in catalogs)])]
    for catalog in catalogs:
        change.delete(catalog)
    change.commit()
    return kept.names


def _deactivate(load: CatalogLoad) -> int:
    """Deactivate the offerings, so that no new order is accepted; return how many there are."""
    pages = batches(_ids(load, Offering, load.offerings), PAGE)
    return sum(patiently(partial(_deactivate_some, load, some)) for some in pages)


def _deactivate_some(load: CatalogLoad, ids: Collection[str]) -> int:
    offerings = [*_there(load, Offering, ids)]
    for some in weighed([offering for offering in offerings if offering.status == "active"]):
        change = Transaction()
        for offering in some:
            offering.status = "inactive"
            change.update(offering)
        change.commit()
    return len(offerings)


def _remove_unsold(load: CatalogLoad, sold: Collection[str]) -> int:
    """Remove the catalogs' entries, unsold offerings, and areas that only they use; return how many offerings stay."""
    for catalog_id in _ids(load, ProductCatalog, load.catalogs):
        while patiently(partial(_empty, load.partner, catalog_id)):
            pass
    kept = [*_there(load, Offering, sold)]
    _remove(load, Offering, [id_ for id_ in _ids(load, Offering, load.offerings) if id_ not in sold])
    used = {allowance.coverage_area.id for offering in kept for allowance in offering.allowances}
    areas = _ids(load, CatalogedCoverageArea, load.coverage_areas)
    _remove(load, CatalogedCoverageArea, [area_id for area_id in areas if area_id not in used])
    return len(kept)


def _empty(partner: str, catalog_id: str) -> bool:
    """Remove entries of a catalog; return whether there may be more."""
    entries, more = table.keys_in(held_offerings(partner, catalog_id), limit=PAGE)
    change = Transaction()
    for entry in entries:
        change.release(Key(entry["pk"], entry["sk"]))
    change.commit()
    return more


def _remove(load: CatalogLoad, model: type[Record], ids: Sequence[str]) -> None:
    for some in batches(ids, PAGE):
        patiently(partial(_remove_some, load, model, some))


def _remove_some(load: CatalogLoad, model: type[Record], ids: Collection[str]) -> None:
    for some in weighed([*_there(load, model, ids)]):
        change = Transaction()
        for record in some:
            change.delete(record)
        change.commit()


def _free(load: CatalogLoad, names: Sequence[str]) -> None:
    """Release the names, and delete the load, of which nothing is left."""
    keys = [name_key(load.partner, name) for name in names]
    found = table.read_all(load.partner, {CatalogLoad: [load.id]}, keys)
    kept = found.get(CatalogLoad, load.id)
    if kept is None or kept.created_at != load.created_at:
        return
    change = Transaction()
    change.delete(kept)
    for key in keys:
        if (item := found.item(key)) and item["load"] == load.id:
            change.release(key)
    change.commit()


def _ids(load: CatalogLoad, model: type[Record], count: int) -> list[str]:
    return [load.new_id(model.PREFIX, number) for number in range(count)]


def _there(load: CatalogLoad, model: type[R], ids: Collection[str]) -> Iterator[R]:
    """Yield the load's existing records."""
    for some in batches([*ids], PAGE):
        found = table.read_all(load.partner, {model: some})
        yield from filter(None, (found.get(model, record_id) for record_id in some))
