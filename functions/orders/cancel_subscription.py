"""``cancel_subscription``: the subscription, its products and its SIM end."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.fulfilment import end_all_products, end_phone_numbers, retire_linked_sim
from functions.orders.kind import OrderKind, Work, about
from functions.orders.requests import OnSubscription
from functions.shared.countries import Country
from functions.shared.http import Request, Response, door
from functions.shared.records import Found
from functions.shared.refusals import Fault
from functions.subscriptions.subscription import Subscription, show_subscription


class CancelSubscription(OnSubscription):
    """The request of contract §2; it carries no products."""

    type: Literal["cancel_subscription"] | None = None
    purchase_location: Country | None = None


class Cancellation(OrderKind[CancelSubscription]):
    """Nothing to take before the network is asked; everything ends after it."""

    lock = "exclusive"

    def check(self, body: CancelSubscription, found: Found, now: datetime) -> Iterator[Fault]:
        """Also a suspended subscription can be canceled."""
        subscription = found.get(Subscription, body.subscription_id)
        takes = ("active", "grace", "deactivated", "suspended")
        yield from rules.check_subscription(subscription, exclusive=True, takes=takes)

    def content(self, body: CancelSubscription, found: Found) -> dict[str, Any]:
        """The subscription alone."""
        return about(found.get(Subscription, body.subscription_id))

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """What had started is terminated, the rest canceled; the SIM is never used again."""
        subscription = work.present()
        end_all_products(work)
        end_phone_numbers(work)
        retire_linked_sim(work)
        subscription.move_to("canceled")
        subscription.ended_at = work.change.at
        work.change.update(subscription)
        work.change.publish(subscription, "subscription.canceled", {"subscription": show_subscription(subscription)})


KIND = Cancellation()


def place(request: Request, body: CancelSubscription) -> Response:
    """``POST /orders/cancel-subscription``."""
    return accept(request, body, "cancel_subscription", KIND)


handler = door(__name__)
