"""Product catalogs, and the coverage areas that their offerings use (contract §3)."""

from typing import Annotated, Any

from pydantic import Field

from functions.catalog.offering import CoverageArea, Offering
from functions.shared.links import link
from functions.shared.records import Key, ListedBy, Partition, Record

CatalogName = Annotated[str, Field(max_length=300)]


class ProductCatalog(Record):
    """A named selection of offerings; an add-on fits the plans of the catalogs that contain it."""

    KIND = "product_catalog"
    PREFIX = "prdcat"
    PLURAL = "product_catalogs"
    LISTS = (ListedBy("gsi1"),)

    name: str

    def entry(self, offering: Offering) -> Key:
        """Return the key of the entry that adds the offering to the catalog."""
        return Key(held_offerings(self.partner, self.id).pk, offering.sort_key())


class CatalogedCoverageArea(CoverageArea, Record):
    """A coverage area as a resource; offerings contain copies of it."""

    KIND = "coverage_area"
    PREFIX = "cov"
    PLURAL = "coverage_areas"
    LISTS = (ListedBy("gsi1"),)


SHOWN = {"id", "name", "created_at", "updated_at"}


def held_offerings(partner: str, catalog_id: str) -> Partition:
    """Return the partition that lists a catalog's offerings."""
    return Partition(None, f"{partner}#{catalog_id}#offerings")


def show_product_catalog(catalog: ProductCatalog) -> dict[str, Any]:
    """Return the resource of contract §3."""
    path = f"/product-catalogs/{catalog.id}"
    fields = catalog.model_dump(mode="json", include=SHOWN)
    return fields | {"_links": {"self": link(path), "product-offerings": link(f"{path}/product-offerings")}}
