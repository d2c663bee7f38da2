"""``GET /product-offerings``, ``GET /product-offerings/{id}`` and its compatible offerings (contract §3)."""

from functions.catalog.filters import OfferingFilters
from functions.catalog.offering import Offering, show_offering
from functions.shared.http import Request, Response
from functions.shared.lists import Listing, ListQuery, page


def list_offerings(request: Request, query: OfferingFilters) -> Response:
    """List the partner's offerings, newest first."""
    return page(request, query, Listing(Offering, show_offering))


def get_offering(request: Request) -> Response:
    """Return the offering. Raise a 404 if this partner does not have it."""
    return Response(200, show_offering(request.find(Offering)))


def list_compatible(request: Request, query: ListQuery) -> Response:
    """List the active add-ons that fit a plan, or the active plans that an add-on fits, newest first."""
    offering = request.find(Offering)

    def fits(other: Offering) -> bool:
        return other.status == "active" and (other.id in offering.fits or offering.id in other.fits)

    return page(request, query, Listing(Offering, show_offering, keep=fits))
