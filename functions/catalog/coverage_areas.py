"""``GET /coverage-areas`` and ``GET /coverage-areas/{id}``."""

from functions.catalog.offering import show_coverage_area
from functions.catalog.product_catalog import CatalogedCoverageArea
from functions.shared.countries import Countries
from functions.shared.http import Request, Response
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition


class CoverageAreaFilters(ListQuery):
    """The filter of the list."""

    countries: Countries | None = None

    def keeps(self, area: CatalogedCoverageArea) -> bool:
        """Whether the area covers at least one of the countries."""
        return self.countries is None or not set(self.countries).isdisjoint(area.countries)


def list_coverage_areas(request: Request, query: CoverageAreaFilters) -> Response:
    """The partner's coverage areas, newest first."""
    partition = Partition("gsi1", f"{request.partner}#coverage_areas")
    listing = Listing(CatalogedCoverageArea, partition, "coverage_areas", show_coverage_area, query.keeps)
    return page(request, query, listing)


def get_coverage_area(request: Request) -> Response:
    """The coverage area. Raises a 404 for one that this partner does not have."""
    return Response(200, show_coverage_area(request.find(CatalogedCoverageArea)))
