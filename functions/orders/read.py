"""``GET /orders``, ``GET /orders/{id}`` and its history."""

import operator
from typing import Annotated

from pydantic import Field

from functions.orders.order import Order, OrderStatus, Reference, reference_key, show_order, show_summary
from functions.routes import OrderType
from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.lists import Filter, Listing, ListQuery, page
from functions.shared.moments import QueryInstant
from functions.shared.refusals import Code, Fault, invalid
from functions.shared.shapes import Id
from functions.subscriptions.subscription import Subscription


class OrderFilters(ListQuery):
    """The filters of the list, combined with "and"; ``created-from`` is inclusive, ``created-to`` exclusive."""

    status: OrderStatus | None = None
    type: OrderType | None = None
    subscription_id: Id | None = Field(default=None, alias="subscription-id")
    subscriber_id: Id | None = Field(default=None, alias="subscriber-id")
    reference: Reference | None = None
    created_from: Annotated[QueryInstant | None, Filter("created_at", operator.ge)] = Field(
        default=None, alias="created-from"
    )
    created_to: Annotated[QueryInstant | None, Filter("created_at", operator.lt)] = Field(
        default=None, alias="created-to"
    )


def list_orders(request: Request, query: OrderFilters) -> Response:
    """List the partner's orders; consistently, unless filtered by status, subscription or subscriber."""
    if query.reference is not None:
        if query.cursor is not None:
            raise invalid(Fault(Code.INVALID_CURSOR, "A list filtered by reference has a single page and no cursors."))
        return _by_reference(request, query, query.reference)
    return page(request, query, Listing(Order, show_summary))


def get_order(request: Request) -> Response:
    """Return the order with its subscription. Raise a 404 if this partner does not have it."""
    order = request.find(Order)
    subscription = table.read(Subscription, request.partner, order.subscription_id)
    return Response(200, show_order(order, subscription))


def get_history(request: Request) -> Response:
    """Return every status of the order, oldest first. Raise a 404 if this partner does not have the order."""
    order = request.find(Order)
    history = [entry.model_dump(mode="json", exclude_none=True) for entry in order.history]
    return Response(200, {"_embedded": {"history": history}, "_links": {"self": link(f"/orders/{order.id}/history")}})


def _by_reference(request: Request, query: OrderFilters, reference: str) -> Response:
    """Return the list of at most one order; its guard finds it immediately after acceptance."""
    guard = table.get_item(reference_key(request.partner, reference))
    order = table.read(Order, request.partner, guard["order_id"]) if guard else None
    orders = [show_summary(order)] if order and query.matches(order) else []
    return Response(200, {"_embedded": {"orders": orders}, "_links": {"self": query.link_to(request.path)}})


handler = door(__name__)
