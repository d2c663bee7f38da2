"""``cancel_subscription_products``: ends some of a subscription's products, immediately or later."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import about
from functions.orders.execution_steps import require_status
from functions.orders.kind import OrderKind, Work
from functions.orders.schedule import Schedulable, check_schedule, check_waiting, release_of, scheduled
from functions.products.product import Product
from functions.shared.countries import Country
from functions.shared.http import Request, Response, door
from functions.shared.records import Found, Wanted
from functions.shared.refusals import Code, Fault, refuses
from functions.shared.shapes import AtMost, Id
from functions.subscriptions.subscription import TAKES_CANCELLATIONS, Subscription

MAX_PRODUCT_IDS = 40


def _each_once(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise ValueError("must not name the same product twice")
    return ids


class CancelSubscriptionProducts(Schedulable):
    """The body of the request (contract §2)."""

    type: Literal["cancel_subscription_products"] | None = None
    purchase_location: Country | None = None
    product_ids: Annotated[
        list[Id],
        Field(min_length=1, json_schema_extra={"uniqueItems": True}),
        AtMost(MAX_PRODUCT_IDS),
        AfterValidator(_each_once),
    ]

    def needs(self) -> Wanted:
        """Return the subscription and the products."""
        return {**super().needs(), Product: self.product_ids}


class ProductCancellation(OrderKind[CancelSubscriptionProducts]):
    """Takes nothing before the network is asked.

    Immediately or on a date, the products are canceled once the network has answered. At their cycles' ends, they end
    by themselves: the order sets these ends when it is scheduled, waits for the last of them, and then asks the network
    (contract §2, ``schedule``).
    """

    lock = "exclusive"

    @refuses(Code.NOT_FOUND, Code.INVALID_STATE, rules.check_subscription, check_schedule, check_waiting)
    def check(self, body: CancelSubscriptionProducts, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults of the subscription, which may be suspended, and of each product."""
        subscription = found.get(Subscription, body.subscription_id)
        release_at = _release_of(body, found, now)
        yield from rules.check_subscription(
            subscription, exclusive=True, takes=TAKES_CANCELLATIONS, waits=release_at is not None
        )
        yield from check_schedule(body.schedule, subscription)
        yield from check_waiting(release_at, subscription)
        taken = subscription.lock.cancels(body.product_ids) if subscription and release_at else set()
        for position, product_id in enumerate(body.product_ids):
            product = found.get(Product, product_id)
            pointer = f"$.product_ids[{position}]"
            if product is None or product.subscription_id != body.subscription_id:
                yield Fault(Code.NOT_FOUND, "The subscription has no such product.", pointer)
            elif product.final:
                yield Fault(Code.INVALID_STATE, f"The product is {product.status}.", pointer)
            elif product_id in taken:
                detail = "Another scheduled order already cancels this product; cancel that order first."
                yield Fault(Code.ORDER_ALREADY_SCHEDULED, detail, pointer)

    def content(self, body: CancelSubscriptionProducts, found: Found, now: datetime) -> dict[str, Any]:
        """Return the subscription, the products with their ends, and the time of the release."""
        ends = _cycle_ends(body, found)
        return {
            **about(found.get(Subscription, body.subscription_id)),
            "product_ids": body.product_ids,
            "product_ends": ends,
            **scheduled(body.schedule, max(ends.values(), default=None), now),
        }

    def prepare(self, work: Work) -> None:
        """Raise :class:`StepRefused` if the subscription has ended in the meantime; products may have ended."""
        require_status(work.present().root, TAKES_CANCELLATIONS)

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """End the products, unless they end by themselves."""
        if not work.order.product_ends:
            work.present().end_products(work.order.product_ids, terminated=False)


def _cycle_ends(body: CancelSubscriptionProducts, found: Found) -> dict[str, datetime]:
    """Return the end of each product that has started, if the order is for the ends of their cycles."""
    if body.schedule is None or body.schedule.mode != "end_of_cycle":
        return {}
    products = (found.get(Product, product_id) for product_id in body.product_ids)
    started = [product for product in products if product and product.status == "active"]
    return {product.id: end for product in started if (end := product.billing_cycle_end_at or product.end_at)}


def _release_of(body: CancelSubscriptionProducts, found: Found, now: datetime) -> datetime | None:
    return release_of(body.schedule, max(_cycle_ends(body, found).values(), default=None), now)


KIND = ProductCancellation()


@refuses(accept, KIND.check)
def place_order(request: Request, body: CancelSubscriptionProducts) -> Response:
    """``POST /orders/cancel-subscription-products``."""
    return accept(request, body, "cancel_subscription_products", KIND)


handler = door(__name__)
