"""``GET /orders``, ``GET /orders/{id}`` and its history."""

import operator
from typing import Annotated

from pydantic import Field

from functions.orders.order import Order, OrderStatus, Reference, reference_key, show_order, show_summary
from functions.routes import OrderType
from functions.shared import table
from functions.shared.clock import QueryInstant
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.lists import Filter, Listing, ListQuery, page
from functions.shared.refusals import Code, Fault, invalid
from functions.shared.shapes import Id
from functions.subscriptions.subscription import Subscription


class OrderFilters(ListQuery):
    """The filters of the list; they combine with "and". The first moment is included, the second is not."""

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
    """The partner's orders, newest first, read consistently unless filtered by status, subscription or subscriber."""
    if query.reference is not None:
        if query.cursor is not None:
            raise invalid(Fault(Code.INVALID_CURSOR, "A list filtered by reference has a single page and no cursors."))
        return _by_reference(request, query)
    return page(request, query, Listing(Order, show_summary))


def get_order(request: Request) -> Response:
    """The order with its subscription. Raises a 404 for one that this partner does not have."""
    order = request.find(Order)
    subscription = table.read(Subscription, request.partner, order.subscription_id)
    return Response(200, show_order(order, subscription))


def get_history(request: Request) -> Response:
    """Every status the order has had, oldest first. Raises a 404 for an order that this partner does not have."""
    order = request.find(Order)
    history = [entry.model_dump(mode="json", exclude_none=True) for entry in order.history]
    return Response(200, {"_embedded": {"history": history}, "_links": {"self": link(f"/orders/{order.id}/history")}})


def _by_reference(request: Request, query: OrderFilters) -> Response:
    """A reference names at most one order, and its guard finds it at once after it was accepted."""
    guard = table.get_item(reference_key(request.partner, query.reference or ""))
    order = table.read(Order, request.partner, guard["order_id"]) if guard else None
    orders = [show_summary(order)] if order and query.keeps(order) else []
    return Response(200, {"_embedded": {"orders": orders}, "_links": {"self": query.link_to(request.path)}})


handler = door(__name__)
