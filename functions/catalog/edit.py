"""``PATCH /product-offerings/{id}`` (contract §3)."""

from typing import Any

from functions.catalog.offering import Offering, OfferingMetadata, OfferingName, show_offering
from functions.shared.http import Request, Response, door
from functions.shared.merge import patched
from functions.shared.shapes import Shape


class OfferingEdit(Shape):
    """What a partner can change: a name of 1-300 characters, metadata of at most 10 keys of 1-100 characters.

    Metadata is merged key by key; the limit applies to the result.
    """

    name: OfferingName
    metadata: OfferingMetadata = None


def edit_offering(request: Request, body: dict[str, Any]) -> Response:
    """Change the offering; existing orders and products keep their own copies.

    Raise a 404 if this partner does not have it, a 400 for what :class:`OfferingEdit` does not allow.
    """
    offering = request.find(Offering)
    return request.update(offering, patched(offering, OfferingEdit, body), show_offering)


handler = door(__name__)
