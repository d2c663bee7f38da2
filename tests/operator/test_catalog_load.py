"""Catalogs are loaded once, and seen when they are whole."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.catalog.offering import Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog, held_offerings
from functions.shared import table
from functions.shared.records import Partition, id_in
from infra.operator import catalog
from infra.operator.catalog_entries import Catalogs
from tests.operator.cuts import CutOff, cut_off
from tests.support.newcomer import Newcomer

ADDONS = 60
"""With their entries in the catalog and what else there is, more than one transaction takes."""
TRANSACTIONS = 4
MONTH = {"type": "duration", "unit": "month", "unit_count": 1}


def catalogs(name: str = "Main", **changes: Any) -> Catalogs:
    data = {"type": "data", "unit": "gigabytes", "unit_count": 1, "coverage_area": "germany"}
    addon = {"type": "addon", "validity": MONTH, "allowances": [data]} | changes
    offerings = {f"addon {number}": addon | {"name": f"Add-on {number}"} for number in range(ADDONS)}
    offerings["plan"] = {"name": "Plan", "type": "plan", "validity": MONTH}
    area = {"name": "Germany", "type": "local", "countries": ["DE"]}
    return Catalogs.of({"coverage_areas": {"germany": area}, "offerings": offerings, "catalogs": {name: [*offerings]}})


def ids_in(partition: Partition) -> list[str]:
    entries, more = table.keys_in(partition, limit=1000)
    assert not more
    return [id_in(entry["gsi1sk" if partition.gsi else "sk"]) for entry in entries]


def held(partner: str) -> dict[str, list[str]]:
    """The partner's catalogs by name, and what they hold."""
    kept = [table.read(ProductCatalog, partner, record_id) for record_id in ids_in(ProductCatalog.partition(partner))]
    return {each.name: ids_in(held_offerings(partner, each.id)) for each in kept if each}


def check(partner: str, ids: dict[str, str]) -> None:
    """Everything is there once, in its order."""
    assert ids_in(Offering.partition(partner)) == [*ids.values()]
    assert held(partner) == {"Main": [*ids.values()]}
    assert len(ids_in(CatalogedCoverageArea.partition(partner))) == 1


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", range(TRANSACTIONS))
def test_a_load_that_was_cut_off_is_finished_by_the_same(newcomer: Newcomer, after: int, committed: bool) -> None:
    content = catalogs()
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        catalog.load(newcomer.partner, content)
    whole = committed and after == TRANSACTIONS - 1
    assert all(len(found) == ADDONS + 1 for found in held(newcomer.partner).values())
    assert bool(held(newcomer.partner)) == whole, "a catalog is seen when all is there"
    assert catalog.begin(newcomer.partner, content).finished == whole
    check(newcomer.partner, catalog.load(newcomer.partner, content))


def test_what_is_loaded_already_is_left_as_it_is(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    assert catalog.load(newcomer.partner, catalogs()) == ids
    check(newcomer.partner, ids)


def test_two_at_once_load_one(newcomer: Newcomer) -> None:
    with ThreadPoolExecutor(4) as pool:
        loads = list(pool.map(lambda _: catalog.load(newcomer.partner, catalogs()), range(4)))
    assert all(ids == loads[0] for ids in loads)
    check(newcomer.partner, loads[0])


def test_a_name_is_taken_once(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    with pytest.raises(catalog.NamesTaken, match="the catalog 'Main' already exists"):
        catalog.load(newcomer.partner, catalogs(refundable=True))
    check(newcomer.partner, ids)
    catalog.load(newcomer.partner, catalogs("Extras"))
    assert sorted(held(newcomer.partner)) == ["Extras", "Main"]


def test_a_name_is_kept_for_a_load_that_was_cut_off(newcomer: Newcomer) -> None:
    with pytest.raises(CutOff), cut_off(1):
        catalog.load(newcomer.partner, catalogs())
    with pytest.raises(catalog.NamesTaken, match="was interrupted; finish it with the same content"):
        catalog.load(newcomer.partner, catalogs(refundable=True))
    check(newcomer.partner, catalog.load(newcomer.partner, catalogs()))


def test_partners_have_the_same_names_and_other_ids(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    mine, theirs = catalog.load(newcomer.partner, catalogs()), catalog.load(other, catalogs())
    assert not set(mine.values()) & set(theirs.values())
