"""``topup_subscription``: adds products to a subscription, and ends none."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, model_validator

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import about, lines_of
from functions.orders.execution_steps import make_products, refuse, require_status
from functions.orders.kind import OrderKind, Work
from functions.orders.requests import OnSubscription, Products, Purchase, offerings_of
from functions.orders.sizes import check_size
from functions.shared.http import Request, Response, door
from functions.shared.records import Found, Wanted
from functions.shared.refusals import Code, Fault, refuses
from functions.subscriptions.subscription import Subscription


class SomeProducts(Products):
    """A plan, or at least one add-on."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"plan": {"type": "null"}}},
            "then": {"required": ["addons"], "properties": {"addons": {"minItems": 1, "not": {"type": "null"}}}},
        }
    )

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.plan is None and not self.addons:
            raise ValueError("must have a plan or at least one add-on")
        return self


class TopupSubscription(OnSubscription, Purchase):
    """The body of the request (contract §2)."""

    type: Literal["topup_subscription"] | None = None
    products: SomeProducts

    def needs(self) -> Wanted:
        """Return the subscription and the offerings."""
        return {**super().needs(), **offerings_of(self.products)}


class Topup(OrderKind[TopupSubscription]):
    """Takes nothing before the network is asked, and creates the products afterwards."""

    lock = "shared"

    @refuses(rules.check_subscription, rules.check_products, Code.NO_ACTIVE_PLAN)
    def check(self, body: TopupSubscription, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults of the subscription and the products."""
        subscription = found.get(Subscription, body.subscription_id)
        yield from rules.check_subscription(subscription, exclusive=False)
        for fault in rules.check_products(body.products, found, subscription, now):
            # If the subscription does not exist, it is unknown whether it has a plan.
            if subscription is not None or fault.code != Code.NO_ACTIVE_PLAN:
                yield fault

    def content(self, body: TopupSubscription, found: Found, now: datetime) -> dict[str, Any]:
        """Return the subscription and the products."""
        return {
            **about(found.get(Subscription, body.subscription_id)),
            "lines": lines_of(body.products, found),
        }

    def prepare(self, work: Work) -> None:
        """Raise :class:`StepRefused` if the subscription has ended, or the plan that add-ons without one need."""
        subscription = work.present().root
        require_status(subscription)
        if work.order.lines[0].offering.type == "addon" and subscription.current_plan() is None:
            refuse("no_active_plan", "The subscription's plan has ended.")

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Create the products."""
        make_products(work)


KIND = Topup()


@refuses(accept, KIND.check, check_size)
def place_order(request: Request, body: TopupSubscription) -> Response:
    """``POST /orders/topup-subscription``."""
    return accept(request, body, "topup_subscription", KIND)


handler = door(__name__)
