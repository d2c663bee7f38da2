"""``POST /orders/{id}/cancel`` and ``/resume``: a partner cancels or resumes a waiting order."""

from typing import Annotated

from pydantic import Field

from functions.orders import progress, store
from functions.orders.order import Order, show_order
from functions.shared.http import Request, Response, door
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction


class CancelOrder(Shape):
    """No members."""


class ResumeOrder(Shape):
    """A payment intent that replaces the order's."""

    payment_intent_id: Annotated[str, Field(min_length=1, max_length=100)] | None = None


@refuses(Code.INVALID_STATE)
def cancel(request: Request, body: CancelOrder) -> Response:
    """Cancel an order that waits and has created nothing yet. Raise a 400 ``invalid_state`` for any other."""
    order = request.find(Order)
    if not order.may_become("canceled"):
        raise _invalid_state(order)
    change = Transaction()
    subscription = progress.give_up(change, order, "canceled")
    return request.commit(change, Response(200, show_order(order, subscription.root if subscription else None)))


@refuses(Code.INVALID_STATE)
def resume(request: Request, body: ResumeOrder) -> Response:
    """Start fulfilling an order that is on hold. Raise a 400 ``invalid_state`` for any other."""
    order = request.find(Order)
    if order.status != "on_hold":
        raise _invalid_state(order)
    change = Transaction()
    order.payment_intent_id = body.payment_intent_id or order.payment_intent_id
    progress.begin_fulfilling(order, change.at)
    store.save(change, order, None)
    return request.commit(change, Response(200, show_order(order, None)))


def _invalid_state(order: Order) -> Exception:
    return invalid(Fault(Code.INVALID_STATE, f"The order is {order.status}.", "$.status"))


handler = door(__name__)
