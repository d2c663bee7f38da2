"""``change_subscription_plan``: replaces the current plan; add-ons are kept."""

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
    """The body of the request (contract §2)."""

    type: Literal["change_subscription_plan"] | None = None
    products: ProductsWithPlan

    def needs(self) -> Wanted:
        """Return the subscription and the offerings."""
        return {**super().needs(), **offerings_of(self.products)}


class PlanChange(OrderKind[ChangeSubscriptionPlan]):
    """Takes nothing before the network is asked, and replaces the plan afterwards."""

    lock = "exclusive"
    replaces_plan = True

    @refuses(Code.NO_ACTIVE_PLAN, rules.check_subscription, check_schedule, check_waiting, rules.check_products)
    def check(self, body: ChangeSubscriptionPlan, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults of the subscription, its plan and the products."""
        subscription = found.get(Subscription, body.subscription_id)
        release_at = release_of(body.schedule, subscription.plan_cycle_end() if subscription else None, now)
        yield from rules.check_subscription(subscription, exclusive=True, waits=release_at is not None)
        if subscription and subscription.current_plan() is None:
            yield Fault(Code.NO_ACTIVE_PLAN, "The subscription has no active plan to change.", "$.subscription_id")
        yield from check_schedule(body.schedule, subscription)
        yield from check_waiting(release_at, subscription, only_one_of="change_subscription_plan")
        yield from rules.check_products(body.products, found, subscription, now, replaces_plan=True)

    def content(self, body: ChangeSubscriptionPlan, found: Found, now: datetime) -> dict[str, Any]:
        """Return the subscription, the products and the schedule."""
        subscription = found.get(Subscription, body.subscription_id)
        cycle_end = subscription.plan_cycle_end() if subscription else None
        return {
            **about(subscription),
            "lines": lines_of(body.products, found),
            **scheduled(body.schedule, cycle_end, now),
        }

    def prepare(self, work: Work) -> None:
        """Choose the current plan as the one to end. Raise :class:`StepRefused` if it or the subscription has ended."""
        subscription = work.present().root
        require_status(subscription)
        plan = subscription.current_plan()
        if plan is None:
            refuse("no_active_plan", "The subscription has no active plan to change.")
        work.order.product_ids = [plan.id]

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Terminate the old plan's product and create the new ones."""
        work.present().end_products(work.order.product_ids, terminated=True)
        make_products(work)


KIND = PlanChange()


@refuses(accept, KIND.check, check_size)
def place_order(request: Request, body: ChangeSubscriptionPlan) -> Response:
    """``POST /orders/change-subscription-plan``."""
    return accept(request, body, "change_subscription_plan", KIND)


handler = door(__name__)
