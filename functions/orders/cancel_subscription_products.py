"""``cancel_subscription_products``: some of a subscription's products end, at once or later."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.fulfilment import require_status
from functions.orders.kind import OrderKind, Work, about
from functions.orders.schedule import Schedulable, check_schedule, scheduled
from functions.products.product import Product
from functions.shared.countries import Country
from functions.shared.http import Request, Response, door
from functions.shared.records import Found, Wanted
from functions.shared.refusals import Code, Fault
from functions.shared.shapes import AtMost, Id
from functions.subscriptions.ending import end_products
from functions.subscriptions.subscription import TAKES_CANCELLATIONS, Subscription

MOST_NAMED = 40


def _each_once(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise ValueError("no product may be named twice")
    return ids


class CancelSubscriptionProducts(Schedulable):
    """The request of contract §2; it sells nothing."""

    type: Literal["cancel_subscription_products"] | None = None
    purchase_location: Country | None = None
    product_ids: Annotated[list[Id], Field(min_length=1), AtMost(MOST_NAMED), AfterValidator(_each_once)]

    def needs(self) -> Wanted:
        """The subscription and the products."""
        return {**super().needs(), Product: self.product_ids}


class ProductCancellation(OrderKind[CancelSubscriptionProducts]):
    """Nothing to take before the network is asked; the products end after it."""

    lock = "exclusive"

    def check(self, body: CancelSubscriptionProducts, found: Found, now: datetime) -> Iterator[Fault]:
        """Each product is the subscription's and has not ended; also a suspended subscription takes it."""
        subscription = found.get(Subscription, body.subscription_id)
        yield from rules.check_subscription(subscription, exclusive=True, takes=TAKES_CANCELLATIONS)
        yield from check_schedule(body.schedule, subscription)
        for position, product_id in enumerate(body.product_ids):
            product = found.get(Product, product_id)
            pointer = f"$.product_ids[{position}]"
            if product is None or product.subscription_id != body.subscription_id:
                yield Fault(Code.NOT_FOUND, "The subscription has no such product.", pointer)
            elif product.final:
                yield Fault(Code.INVALID_STATE, f"The product is {product.status}.", pointer)

    def content(self, body: CancelSubscriptionProducts, found: Found, now: datetime) -> dict[str, Any]:
        """The subscription, the products and when: each at its own cycle's end, the order is done at the last."""
        products = [found.get(Product, product_id) for product_id in body.product_ids]
        started = [product for product in products if product and product.status == "active"]
        ends = {product.id: product.billing_cycle_end_at or product.end_at for product in started}
        cycle_ends = {product_id: end for product_id, end in ends.items() if end}
        return {
            **about(found.get(Subscription, body.subscription_id)),
            "product_ids": body.product_ids,
            "product_ends": cycle_ends if body.schedule and body.schedule.mode == "end_of_cycle" else {},
            **scheduled(body.schedule, max(cycle_ends.values(), default=None), now),
        }

    def prepare(self, work: Work) -> None:
        """The subscription has not ended meanwhile."""
        require_status(work.present(), TAKES_CANCELLATIONS)

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """At once they are canceled; at their cycle's end, and as of it, those that had started are terminated."""
        subscription, schedule = work.present(), work.order.schedule
        at_cycle_end = schedule is not None and schedule.mode == "end_of_cycle"
        end_products(
            work.change,
            subscription,
            work.order.product_ids,
            terminated=at_cycle_end,
            moments=work.order.product_ends,
        )
        work.change.update(subscription)


KIND = ProductCancellation()


def place(request: Request, body: CancelSubscriptionProducts) -> Response:
    """``POST /orders/cancel-subscription-products``."""
    return accept(request, body, "cancel_subscription_products", KIND)


handler = door(__name__)
