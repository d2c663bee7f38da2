"""``GET /product-catalogs``, ``GET /product-catalogs/{id}`` and its offerings (contract §3)."""

from functions.catalog.filters import OfferingFilters
from functions.catalog.offering import Offering, show_offering
from functions.catalog.product_catalog import CatalogName, ProductCatalog, held_offerings, show_product_catalog
from functions.shared.http import Request, Response
from functions.shared.lists import Listing, ListQuery, page


class ProductCatalogFilters(ListQuery):
    """The filter of the list."""

    name: CatalogName | None = None


def list_product_catalogs(request: Request, query: ProductCatalogFilters) -> Response:
    """List the partner's catalogs, newest first."""
    return page(request, query, Listing(ProductCatalog, show_product_catalog))


def get_product_catalog(request: Request) -> Response:
    """Return the catalog. Raise a 404 if this partner does not have it."""
    return Response(200, show_product_catalog(request.find(ProductCatalog)))


def list_held_offerings(request: Request, query: OfferingFilters) -> Response:
    """List the catalog's offerings, newest first. Raise a 404 if this partner does not have the catalog.

    Only an empty page needs a read of the catalog: if there are offerings, it exists.
    """
    partition = held_offerings(request.partner, request.params["catalog_id"])
    response = page(request, query, Listing(Offering, show_offering, partition))
    if not response.body["_embedded"]["product_offerings"]:
        request.find(ProductCatalog)
    return response
