"""``POST /products/{id}/activate`` and ``cancel``, ``PATCH /products/{id}`` (contract §6).

They are in this package because a product is always changed together with its subscription.
"""

from typing import Annotated, Literal

from pydantic import Field

from functions.catalog.offering import MAX_AMOUNT, Validity
from functions.products import lifecycle
from functions.products.product import ACTIONS, Product, show_product
from functions.shared.currencies import Currency
from functions.shared.dynamodb import Conflict
from functions.shared.http import Request, Response, door
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.shapes import AtMost, Shape
from functions.shared.transaction import Transaction
from functions.subscriptions import store
from functions.subscriptions.aggregate import SubscriptionAggregate


class ActivateProduct(Shape):
    """No members."""


class CancelProduct(Shape):
    """Whether to cancel immediately, or at the end of the cycle (or of the validity, if it does not recur)."""

    cancellation_mode: Literal["immediate", "end_of_cycle"]


class RecurringPrice(Shape):
    """The price from the next cycle on."""

    type: Literal["recurring"]
    unit_amount: int = Field(ge=0, le=MAX_AMOUNT)
    currency: Currency


class ChangeProduct(Shape):
    """What can be changed of a product."""

    prices: Annotated[list[RecurringPrice], Field(min_length=1), AtMost(1)]


@refuses(Code.INVALID_STATE, Code.NO_ACTIVE_PLAN, Code.ORDER_IN_PROGRESS)
def activate(request: Request, body: ActivateProduct) -> Response:
    """Start a product that waits for its date or its first usage. Raise a 400 for any other.

    Raise a 400, too, if it ends with the plan's cycle and there is none at the moment.
    """
    product, subscription = _find(request, "activate")
    _require_cycle(product.offering.validity, subscription)
    subscription.start(product)
    return _save(request, subscription, product)


def _require_cycle(validity: Validity, subscription: SubscriptionAggregate) -> None:
    """Raise a 400 if a product with this validity would end with a cycle that the plan does not have, or may not."""
    plan_cycle_end = subscription.root.plan_cycle_end()
    if validity.type == "end_of_plan_cycle" and plan_cycle_end is None:
        raise invalid(
            Fault(Code.NO_ACTIVE_PLAN, "The product ends with the plan's cycle, and there is no active plan.")
        )
    if lifecycle.awaits_cycle(validity, subscription.at, plan_cycle_end):
        detail = "An order in progress decides whether the plan has another cycle; try again when it is final."
        raise invalid(Fault(Code.ORDER_IN_PROGRESS, detail))


@refuses(Code.INVALID_STATE)
def cancel(request: Request, body: CancelProduct) -> Response:
    """End a product: immediately if requested or not started, else with its cycle. Raise a 400 if it has ended.

    A product whose end is already set keeps it.
    """
    product, subscription = _find(request, "cancel")
    if body.cancellation_mode == "immediate" or product.status != "active":
        subscription.end(product)
    else:
        subscription.decide_end(product, lifecycle.PARTNER)
    return _save(request, subscription, product)


@refuses(Code.INVALID_STATE)
def change_prices(request: Request, body: ChangeProduct) -> Response:
    """Change the recurring price of a product. Raise a 400 if it has none, or has ended."""
    found = request.find(Product)
    faults = [_wrong_status(found)] if found.final else []
    if not any(price.type == "recurring" for price in found.prices):
        detail = "The product has no recurring price."
        faults.append(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail, "$.prices[0].type"))
    if faults:
        raise invalid(*faults)
    product, subscription = _with_subscription(request, found)
    subscription.change_price(product, body.prices[0].model_dump())
    return _save(request, subscription, product)


def _find(request: Request, action: str) -> tuple[Product, SubscriptionAggregate]:
    """Return the product and its subscription. Raise a 400 if the product's status does not allow the action."""
    product = request.find(Product)
    if product.status not in ACTIONS[action]:
        raise invalid(_wrong_status(product))
    return _with_subscription(request, product)


def _with_subscription(request: Request, product: Product) -> tuple[Product, SubscriptionAggregate]:
    """Return the product with its subscription, both up to date.

    Raise :class:`~functions.shared.dynamodb.Conflict`, so that the request runs again, if the product has changed.
    """
    subscription = store.up_to_date(request.partner, product.subscription_id)
    if subscription is None:
        raise LookupError(f"product {product.id} has no subscription")
    now = subscription.product(product.id)
    if now is None or now.version != product.version:
        raise Conflict
    return now, subscription


def _save(request: Request, subscription: SubscriptionAggregate, product: Product) -> Response:
    change = Transaction(subscription.at)
    change.save(subscription)
    shown = show_product(product, in_plan_cycle=subscription.root.in_plan_cycle(subscription.at))
    return request.commit(change, Response(200, shown))


def _wrong_status(product: Product) -> Fault:
    return Fault(Code.INVALID_STATE, f"The product is {product.status}.", "$.status")


handler = door(__name__)
