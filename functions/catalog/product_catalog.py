"""Product catalogs, and the coverage areas that their offerings use (contract §3)."""

from collections.abc import Mapping

from functions.catalog.offering import CoverageArea
from functions.shared.records import Key, Partition, Record


class ProductCatalog(Record):
    """A named selection of offerings; an add-on fits the plans it shares a catalog with."""

    KIND = "product_catalog"
    PREFIX = "prdcat"

    name: str

    def lists(self) -> Mapping[str, str]:
        """All catalogs of the partner."""
        return {"gsi1": f"{self.partner}#product_catalogs"}

    def offerings(self) -> Partition:
        """Where its offerings are listed."""
        return Partition(None, f"{self.partner}#{self.id}#offerings")

    def entry(self, offering_id: str) -> Key:
        """The entry of that list that says that it holds the offering."""
        return Key(self.offerings().pk, offering_id)


class CatalogedCoverageArea(CoverageArea, Record):
    """A coverage area as a resource of its own; offerings carry a copy of it."""

    KIND = "coverage_area"
    PREFIX = "cov"

    def lists(self) -> Mapping[str, str]:
        """All coverage areas of the partner."""
        return {"gsi1": f"{self.partner}#coverage_areas"}
