"""What each type of order makes of its subscription once the network has answered (contract §2, "when completed")."""

from typing import Any

import pytest

from functions.orders.contents import lines_of
from functions.orders.kind import Work, kind_of
from functions.orders.order import Order, order_link
from functions.orders.requests import Products
from functions.products.product import Product
from functions.shared.dynamodb import Conflict
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.builders import MONTH, NOW, PARTNER, SUBSCRIBER, begun, found, holding, offering, subscription

NUMBER = "+4915112345678"
PLAN, ADDON = offering("plan", "plan", validity=MONTH), offering("addon", phone_number_country="FR", fits=["plan"])
NUMBERED = offering("numbered", "plan", validity=MONTH, phone_number_country="DE")
READY = "subscription.sim_profile.ready_for_installation"


def taken() -> SimProfile:
    """The SIM that the order has taken."""
    fields: dict[str, Any] = {"id": "simp_new", "iccid": "8988211000000000010", "sim_type": "esim"}
    return SimProfile(partner=PARTNER, created_at=NOW, status="reserved", order_id="ord_1", **fields)


def completed(
    order_type: str,
    root: Subscription,
    *products: Product,
    sold: dict[str, Any] | None = None,
    answer: dict[str, Any] | None = None,
    **fields: Any,
) -> tuple[Work, dict[str, str], list[str]]:
    """The order with its records, the statuses of the products that it changed, and the types of its events."""
    lines = lines_of(Products.model_validate(sold or {}), found(PLAN, ADDON, NUMBERED))
    plain: dict[str, Any] = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "subscription_id": root.id}
    plain |= {"type": order_type, "lines": lines, "subscriber_id": SUBSCRIBER, "account_id": "acc_1"}
    aggregate = SubscriptionAggregate(root, NOW, products=products, sim=root.sim_profile)
    work = Work(Order.model_validate(plain | fields), Transaction(NOW), aggregate, taken())
    kind_of(order_type).complete(work, answer or {})
    changed = [record for record in aggregate.records() if isinstance(record, Product)]
    statuses: dict[str, str] = {record.offering.name: record.status for record in changed}
    return work, statuses, [event.type for event in aggregate.events()]


class TestActivation:
    """The SIM is linked, the products begin, and the subscription is active."""

    @pytest.mark.parametrize(
        ("plan", "answer", "number"),
        [("numbered", {"msisdn": NUMBER}, NUMBER), ("numbered", {}, None), ("plan", {"msisdn": NUMBER}, None)],
    )
    def test_with_a_number_if_its_plan_has_one(self, plan: str, answer: dict[str, Any], number: str | None) -> None:
        root, sold = subscription(status="created"), bodies.sold(plan, "addon")
        work, statuses, events = completed("activate_subscription", root, sold=sold, answer=answer)
        assert root.status == "active"
        assert (root.sim_profile.id, root.sim_profile.status) == ("simp_new", "active")
        assert statuses == {plan: "active", "addon": "active"}
        numbers = [(each.msisdn, each.country) for each in root.phone_numbers]
        assert numbers == ([(number, "DE")] if number else [])
        assert work.found_by == {"iccid": "8988211000000000010"} | ({"msisdn": number} if number else {})
        published = ["product.active"] * 2 + ["phone_number.active"] * bool(number)
        assert events == [*published, "subscription.active", READY]

    @pytest.mark.parametrize("status", ["active", "suspended", "canceled"])
    def test_only_once(self, status: str) -> None:
        with pytest.raises(Conflict):
            completed("activate_subscription", subscription(status=status), sold=bodies.sold("plan"))


def test_a_swap_changes_the_sim_alone() -> None:
    plan = begun("prd_plan", PLAN)
    root = holding(plan)
    old, products = root.sim_profile, list(root.open_products)
    work, statuses, events = completed("swap_subscription_sim", root, plan)
    assert (old.status, root.sim_profile.id, root.sim_profile.status) == ("retired", "simp_new", "active")
    assert (root.status, root.open_products, statuses, events) == ("active", products, {}, [READY])
    (event,) = work.present().events()
    assert event.data["order"] == order_link(work.order)


def test_a_top_up_ends_nothing() -> None:
    plan = begun("prd_plan", PLAN)
    _, statuses, events = completed("topup_subscription", holding(plan), plan, sold=bodies.sold("numbered", "addon"))
    assert statuses == {"numbered": "active", "addon": "active"}
    assert events == ["product.active"] * 2


def test_a_plan_change_terminates_the_plan_that_it_replaces() -> None:
    plan, other, addon = begun("prd_plan", PLAN), begun("prd_other", PLAN), begun("prd_addon", ADDON)
    fields: dict[str, Any] = {"sold": bodies.sold("numbered"), "product_ids": ["prd_plan"]}
    root = holding(plan, other, addon)
    _, statuses, events = completed("change_subscription_plan", root, plan, other, addon, **fields)
    assert statuses == {"plan": "terminated", "numbered": "active"}
    assert (plan.status, other.status, addon.status) == ("terminated", "active", "active")
    assert events == ["product.terminated", "product.active"]


def test_a_cancellation_ends_everything() -> None:
    plan, waiting = begun("prd_plan", PLAN), begun("prd_addon", ADDON, "first_usage")
    root = holding(plan, waiting)
    _, statuses, events = completed("cancel_subscription", root, plan, waiting)
    assert (root.status, root.ended_at, root.sim_profile.status) == ("canceled", NOW, "retired")
    assert statuses == {"plan": "terminated", "addon": "canceled"}
    assert events == ["product.terminated", "product.canceled", "subscription.canceled"]


@pytest.mark.parametrize("ends", [{}, {"prd_addon": NOW}])
def test_products_are_canceled_unless_they_end_by_themselves(ends: dict[str, Any]) -> None:
    plan, addon = begun("prd_plan", PLAN), begun("prd_addon", ADDON)
    fields: dict[str, Any] = {"product_ids": ["prd_addon", "prd_gone"], "product_ends": ends}
    _, statuses, _ = completed("cancel_subscription_products", holding(plan, addon), plan, addon, **fields)
    assert statuses == ({} if ends else {"addon": "canceled"})
