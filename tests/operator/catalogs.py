"""Catalogs to load, and what is there of those that were loaded."""

from typing import Any

from functions.catalog.offering import Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog, held_offerings
from functions.shared import table
from functions.shared.records import Partition, id_in
from infra.operator.catalog_entries import Catalogs

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
