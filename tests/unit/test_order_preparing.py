"""What each type of order finds when it is prepared, some time after it was accepted (contract §2)."""

import json
from typing import Any

import pytest

from functions.orders.contents import lines_of
from functions.orders.kind import StepRefused, Work, kind_of
from functions.orders.order import Order
from functions.orders.requests import Products
from functions.shared.transaction import Transaction
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.builders import MONTH, NOW, PARTNER, SUBSCRIBER, begun, found, holding, offering, subscription, whole

PLAN, ADDON = offering("plan", "plan", validity=MONTH), offering("addon")
CANCELLATIONS = ("cancel_subscription", "cancel_subscription_products")
ON_SUBSCRIPTION = (*CANCELLATIONS, "topup_subscription", "swap_subscription_sim", "change_subscription_plan")


def with_plan(**fields: Any) -> Subscription:
    """A subscription with a plan that runs."""
    return holding(begun("prd_plan", PLAN), **fields)


def prepare(order_type: str, root: Subscription, products: dict[str, Any]) -> Order:
    """The order when it is prepared. Nothing is written, and no SIM is looked for."""
    sold = Products.model_validate(products)
    plain: dict[str, Any] = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "subscription_id": root.id}
    plain |= {"type": order_type, "lines": lines_of(sold, found(PLAN, ADDON)), "product_ids": ["prd_1"]}
    order = Order.model_validate(plain | {"subscriber_id": SUBSCRIBER, "account_id": "acc_1"})
    kind_of(order_type).prepare(Work(order, Transaction(NOW), whole(root)))
    return order


def refusal(order_type: str, root: Subscription, products: dict[str, Any]) -> dict[str, Any]:
    """What the order fails with."""
    with pytest.raises(StepRefused) as refused:
        prepare(order_type, root, products)
    return dict(json.loads(str(refused.value)))


@pytest.mark.parametrize("order_type", ON_SUBSCRIPTION)
def test_the_subscription_has_ended(order_type: str) -> None:
    expected = {"code": "subscription_not_active", "detail": "The subscription is terminated."}
    assert refusal(order_type, with_plan(status="terminated"), bodies.sold("plan")) == expected


@pytest.mark.parametrize("order_type", ON_SUBSCRIPTION)
def test_the_subscription_is_suspended(order_type: str) -> None:
    suspended = with_plan(status="suspended")
    if order_type in CANCELLATIONS:
        assert prepare(order_type, suspended, {}).product_ids == ["prd_1"]
    else:
        expected = {"code": "subscription_not_active", "detail": "The subscription is suspended."}
        assert refusal(order_type, suspended, bodies.sold("plan")) == expected


class TestThePlanHasEnded:
    """A plan change needs one to replace, and add-ons without a plan of their own one to be added to."""

    def test_a_plan_change(self) -> None:
        expected = {"code": "no_active_plan", "detail": "The subscription has no active plan to change."}
        assert refusal("change_subscription_plan", subscription(), bodies.sold("plan")) == expected
        assert prepare("change_subscription_plan", with_plan(), bodies.sold("plan")).product_ids == ["prd_plan"]

    def test_a_top_up(self) -> None:
        expected = {"code": "no_active_plan", "detail": "The subscription's plan has ended."}
        assert refusal("topup_subscription", subscription(), bodies.sold(None, "addon")) == expected
        for root, products in (
            (subscription(), bodies.sold("plan")),
            (subscription(), bodies.sold("plan", "addon")),
            (with_plan(), bodies.sold(None, "addon")),
        ):
            prepare("topup_subscription", root, products)
