"""``change_subscription_plan``: another plan instead of the current one; add-ons are kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import about, lines_of
from functions.orders.execution_steps import make_products, refuse, require_status
from functions.orders.kind import OrderKind, Work
from functions.orders.requests import ProductsWithPlan, Purchase, offerings_of
from functions.orders.schedule import Schedulable, check_schedule, check_waiting, release_of, scheduled
from functions.orders.sizes import check_size
from functions.shared.http import Request, Response, door
from functions.shared.records import Found, Wanted
from functions.shared.refusals import Code, Fault, refuses
from functions.subscriptions.subscription import Subscription


class ChangeSubscriptionPlan(Schedulable, Purchase):
    """The request of contract §2."""

    type: Literal["change_subscription_plan"] | None = None
    products: ProductsWithPlan

    def needs(self) -> Wanted:
        """The subscription and the offerings."""
        return {**super().needs(), **offerings_of(self.products)}


class PlanChange(OrderKind[ChangeSubscriptionPlan]):
    """Nothing to take before the network is asked; the plans change places after it."""

    lock = "exclusive"
    replaces_plan = True

    @refuses(Code.NO_ACTIVE_PLAN, rules.check_subscription, check_schedule, check_waiting, rules.check_products)
    def check(self, body: ChangeSubscriptionPlan, found: Found, now: datetime) -> Iterator[Fault]:
        """The subscription takes it and has a plan to change, and what is sold obeys the rules."""
        subscription = found.get(Subscription, body.subscription_id)
        release_at = release_of(body.schedule, subscription.plan_cycle_end() if subscription else None, now)
        yield from rules.check_subscription(subscription, exclusive=True, waits=release_at is not None)
        if subscription and subscription.current_plan() is None:
            yield Fault(Code.NO_ACTIVE_PLAN, "The subscription has no active plan to change.", "$.subscription_id")
        yield from check_schedule(body.schedule, subscription)
        yield from check_waiting(release_at, subscription, only_one_of="change_subscription_plan")
        yield from rules.check_products(body.products, found, subscription, now, replaces_plan=True)

    def content(self, body: ChangeSubscriptionPlan, found: Found, now: datetime) -> dict[str, Any]:
        """The subscription, the products and when."""
        subscription = found.get(Subscription, body.subscription_id)
        cycle_end = subscription.plan_cycle_end() if subscription else None
        return {
            **about(subscription),
            "lines": lines_of(body.products, found),
            **scheduled(body.schedule, cycle_end, now),
        }

    def prepare(self, work: Work) -> None:
        """The subscription has not ended meanwhile, nor its plan; that plan, and no other, is the one to end."""
        subscription = work.present().root
        require_status(subscription)
        plan = subscription.current_plan()
        if plan is None:
            refuse("no_active_plan", "The subscription has no active plan to change.")
        work.order.product_ids = [plan.id]

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """The old plan's product is terminated, the new one active."""
        work.present().end_products(work.order.product_ids, terminated=True)
        make_products(work)


KIND = PlanChange()


@refuses(accept, KIND.check, check_size)
def place_order(request: Request, body: ChangeSubscriptionPlan) -> Response:
    """``POST /orders/change-subscription-plan``."""
    return accept(request, body, "change_subscription_plan", KIND)


handler = door(__name__)
