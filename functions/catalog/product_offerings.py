"""``GET /product-offerings``, ``GET /product-offerings/{id}`` and what is compatible with it (contract §3)."""

from functions.catalog.filters import OfferingFilters
from functions.catalog.offering import Offering, show_offering
from functions.shared.http import Request, Response
from functions.shared.lists import Listing, ListQuery, page


def list_offerings(request: Request, query: OfferingFilters) -> Response:
    """The partner's offerings, newest first."""
    return page(request, query, Listing(Offering, show_offering))


def get_offering(request: Request) -> Response:
    """The offering. Raises a 404 for one that this partner does not have."""
    return Response(200, show_offering(request.find(Offering)))


def list_compatible(request: Request, query: ListQuery) -> Response:
    """For a plan the active add-ons that fit it, for an add-on the active plans it fits, newest first."""
    offering = request.find(Offering)

    def fits(other: Offering) -> bool:
        return other.status == "active" and (other.id in offering.fits or offering.id in other.fits)

    return page(request, query, Listing(Offering, show_offering, keep=fits))
