"""How many orders wait on a subscription (contract §2, ``schedule``)."""

from typing import Any

import pytest

from functions.orders import cancel_subscription, cancel_subscription_products, change_subscription_plan
from functions.orders.schedule import MAX_SCHEDULED
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.support import bodies
from tests.support.builders import NOW, begun, found, holding, offering

PLAN, OTHER = offering("plan", "plan"), offering("other", "plan")
KINDS: dict[str, tuple[Any, Any]] = {
    "cancel_subscription": (
        cancel_subscription.KIND,
        cancel_subscription.CancelSubscription.model_validate(
            bodies.cancellation("subs_1", schedule=bodies.AT_CYCLE_END)
        ),
    ),
    "change_subscription_plan": (
        change_subscription_plan.KIND,
        change_subscription_plan.ChangeSubscriptionPlan.model_validate(
            bodies.plan_change("subs_1", "other", schedule=bodies.AT_CYCLE_END)
        ),
    ),
    "cancel_subscription_products": (
        cancel_subscription_products.KIND,
        cancel_subscription_products.CancelSubscriptionProducts.model_validate(
            bodies.products_cancellation("subs_1", "prd_1", schedule=bodies.AT_CYCLE_END)
        ),
    ),
}


@pytest.mark.parametrize("order_type", KINDS)
@pytest.mark.parametrize("waiting", [MAX_SCHEDULED - 1, MAX_SCHEDULED])
def test_no_more_than_40(order_type: str, waiting: int) -> None:
    kind, body = KINDS[order_type]
    orders = [ScheduledOrder(order_id=f"ord_{number}", type="another", release_at=NOW) for number in range(waiting)]
    running = begun("prd_1", PLAN)
    root = holding(running, lock=Lock(scheduled=orders))
    faults = [*kind.check(body, found(root, running, PLAN, OTHER), NOW)]
    codes = [(fault.code.value, fault.pointer) for fault in faults]
    assert codes == [("order_already_scheduled", "$.schedule")] * (waiting == MAX_SCHEDULED)
