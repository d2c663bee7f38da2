"""``GET /coverage-areas`` and ``GET /coverage-areas/{id}``."""

from typing import Annotated

from functions.catalog.offering import show_coverage_area
from functions.catalog.product_catalog import CatalogedCoverageArea
from functions.shared.countries import Countries
from functions.shared.http import Request, Response
from functions.shared.lists import Filter, Listing, ListQuery, overlap, page


class CoverageAreaFilters(ListQuery):
    """The filter of the list."""

    countries: Annotated[Countries | None, Filter("countries", overlap)] = None


def list_coverage_areas(request: Request, query: CoverageAreaFilters) -> Response:
    """List the partner's coverage areas, newest first."""
    return page(request, query, Listing(CatalogedCoverageArea, show_coverage_area))


def get_coverage_area(request: Request) -> Response:
    """Return the coverage area. Raise a 404 if this partner does not have it."""
    return Response(200, show_coverage_area(request.find(CatalogedCoverageArea)))
