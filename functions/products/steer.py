"""What a partner does with a product: start it, end it, change its price (contract §6)."""

from typing import Annotated, Literal

from pydantic import Field

from functions.catalog.offering import LARGEST_AMOUNT
from functions.products import terms
from functions.products.product import ACTIONS, Product, announce, show_product
from functions.shared import table
from functions.shared.currencies import Currency
from functions.shared.http import Request, Response, door
from functions.shared.refusals import Code, Fault, invalid
from functions.shared.shapes import AtMost, Shape
from functions.subscriptions import upkeep
from functions.subscriptions.subscription import Subscription


class ActivateProduct(Shape):
    """Nothing to say."""


class CancelProduct(Shape):
    """At once, or when its cycle (if it does not recur: its validity) is over."""

    cancellation_mode: Literal["immediate", "end_of_cycle"]


class RecurringPrice(Shape):
    """The price of each cycle from the next one on."""

    type: Literal["recurring"]
    unit_amount: int = Field(ge=0, le=LARGEST_AMOUNT)
    currency: Currency


class ChangeProduct(Shape):
    """All that can be changed of a product."""

    prices: Annotated[list[RecurringPrice], Field(min_length=1), AtMost(1)]


def activate(request: Request, body: ActivateProduct) -> Response:
    """Start a product that waits for its date or its first usage. Raises a 400 for one that does not wait.

    Raises one, too, while there is no cycle of a plan that it could end with.
    """
    product, subscription = _steerable(request, "activate")
    change = table.Transaction()
    plan_cycle_end, validity = subscription.plan_cycle_end(), product.offering.validity
    if validity.type == "end_of_plan_cycle" and plan_cycle_end is None:
        raise invalid(Fault(Code.NO_ACTIVE_PLAN, "There is no active plan whose cycle the product could end with."))
    if terms.awaits_cycle(validity, change.at, plan_cycle_end):
        raise invalid(Fault(Code.ORDER_IN_PROGRESS, "An order decides on the plan's next cycle; try again after it."))
    terms.start(product, change.at, plan_cycle_end)
    return _commit(request, change, product, subscription, told=True)


def cancel(request: Request, body: CancelProduct) -> Response:
    """End a product: at once if that is asked for or it never started, else it learns when. Raises a 400 if it is over.

    One that ends by itself anyway, or by an earlier decision, keeps its end.
    """
    product, subscription = _steerable(request, "cancel")
    change = table.Transaction()
    ends_now = body.cancellation_mode == "immediate" or product.status != "active"
    if ends_now:
        terms.end(product, change.at)
    else:
        terms.decide_end(product, terms.PARTNER)
    return _commit(request, change, product, subscription, told=ends_now)


def change_prices(request: Request, body: ChangeProduct) -> Response:
    """Give the product another recurring price. Raises a 400 if it has none, or has ended."""
    product = request.find(Product)
    subscription = _up_to_date(request, product)
    recurring = next((price for price in product.prices if price.type == "recurring"), None)
    faults = [_wrong_status(product)] if product.final else []
    if recurring is None:
        detail = "The product has no recurring price."
        faults.append(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail, "$.prices[0].type"))
    if faults or recurring is None:
        raise invalid(*faults)
    others = [price for price in product.prices if price.type != "recurring"]
    product.prices = [*others, recurring.model_copy(update=body.prices[0].model_dump())]
    change = table.Transaction()
    change.update(product)
    shown = show_product(product, in_plan_cycle=subscription.in_plan_cycle(change.at))
    return request.commit(change, Response(200, shown))


def _steerable(request: Request, action: str) -> tuple[Product, Subscription]:
    """The product with its subscription, as that is due by now. Raises a 400 where its status forbids the action."""
    product = request.find(Product)
    if product.status not in ACTIONS[action]:
        raise invalid(_wrong_status(product))
    return product, _up_to_date(request, product)


def _up_to_date(request: Request, product: Product) -> Subscription:
    """The product's subscription as it is due by now.

    If something was due for the product itself, the change does not commit, and the request runs again.
    """
    subscription = upkeep.up_to_date(request.partner, product.subscription_id)
    if subscription is None:
        raise LookupError(f"product {product.id} has no subscription")
    return subscription


def _commit(
    request: Request, change: table.Transaction, product: Product, subscription: Subscription, *, told: bool
) -> Response:
    subscription.note(product)
    change.update(product)
    change.update(subscription)
    if told:
        announce(change, product)
    return request.commit(change, Response(200, show_product(product)))


def _wrong_status(product: Product) -> Fault:
    return Fault(Code.INVALID_STATE, f"The product is {product.status}.", "$.status")


handler = door(__name__)
