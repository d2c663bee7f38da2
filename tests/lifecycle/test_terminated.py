"""The operator ends a subscription: everything ends as with a completed cancellation, whatever is on its way (§9)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.routes import ORDER_TYPES
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.phone_number import PhoneNumber
from tests.support.builders import PARTNER
from tests.support.timeline import Timeline, sold

AT_CYCLE_END = {"mode": "end_of_cycle"}
PURCHASE = {"purchase_location": "DE"}


@pytest.fixture
def subscription(line: Timeline) -> str:
    """With a plan, an active add-on and one that waits."""
    addons = [*sold(None, "extra")["addons"], *sold(None, "extra 2", mode="first_usage")["addons"]]
    return line.subscribe(products=sold("monthly") | {"addons": addons})


def give_number(line: Timeline, subscription_id: str) -> PhoneNumber:
    """As if the network had given the subscription a number."""
    subscription = line.subscription(subscription_id)
    change = Transaction()
    number = PhoneNumber(
        id="pn_1",
        partner=PARTNER,
        created_at=change.at,
        subscription_id=subscription_id,
        msisdn="+491511234567",
        country="DE",
    )
    subscription.phone_numbers = [number]
    change.create(number)
    change.update(subscription)
    change.commit()
    line.world.look()
    return number


def sim(sim_profile_id: str) -> SimProfile:
    found = table.read(SimProfile, PARTNER, sim_profile_id)
    assert found is not None
    return found


def end(line: Timeline, subscription_id: str, how: str) -> None:
    if how == "terminated":
        line.report("terminated", subscription_id)
    else:
        line.place("cancel_subscription", subscription_id=subscription_id)


@pytest.mark.parametrize("how", ["terminated", "canceled"])
def test_everything_ends(line: Timeline, subscription: str, how: str) -> None:
    """Both ways alike."""
    number = give_number(line, subscription)
    end(line, subscription, how)
    ended = line.subscription(subscription)
    assert (ended.status, ended.ended_at, ended.phone_numbers) == (how, ended.updated_at, [])
    assert (ended.open_products, ended.due_at) == ([], None)
    assert line.told_of(subscription)[-1] == f"subscription.{how}"
    assert sim(ended.sim_profile.id).status == ended.sim_profile.status == "retired"
    kept = table.read(PhoneNumber, PARTNER, number.id)
    assert kept is not None
    assert kept.status == "terminated"
    assert line.told_of(number.id) == ["phone_number.terminated"]
    statuses = {name: product.status for name, product in line.products(subscription).items()}
    assert statuses == {"monthly": "terminated", "extra": "terminated", "extra 2": "canceled"}
    for product in line.products(subscription).values():
        assert product.ended_at == ended.ended_at
        assert line.told_of(product.id)[-1] == f"product.{product.status}"


@pytest.mark.parametrize("action", [None, "grace", "suspend", "deactivate"])
def test_in_every_status(line: Timeline, subscription: str, action: str | None) -> None:
    if action:
        line.act(f"/subscriptions/{subscription}/{action}")
    for _ in range(2):
        line.report("terminated", subscription)
    assert line.subscription(subscription).status == "terminated"
    assert line.told_of(subscription).count("subscription.terminated") == 1
    assert line.act(f"/subscriptions/{subscription}/resume")[0] == 400


@pytest.mark.parametrize("how", ["terminated", "canceled"])
def test_scheduled_orders_are_canceled(line: Timeline, subscription: str, how: str) -> None:
    plan = line.products(subscription)["monthly"]
    fields = {"subscription_id": subscription, "schedule": AT_CYCLE_END}
    orders = [
        line.place("cancel_subscription", **fields),
        line.place("cancel_subscription_products", **fields, product_ids=[plan.id]),
        line.place("change_subscription_plan", **fields, **PURCHASE, products=sold("monthly too")),
    ]
    end(line, subscription, how)
    for order_id in orders:
        order = line.order(order_id)
        assert (order.status, order.due_at) == ("canceled", None)
        assert (order.history[-1].reason, order.canceled_at) == ("subscription_ended", order.history[-1].at)
        assert line.told_of(order_id) == ["order.accepted", "order.scheduled", "order.canceled"]
    assert line.subscription(subscription).lock.scheduled == []
    line.move_to(line.world.now + timedelta(days=40))
    assert line.products(subscription)["monthly"].cycle == 1


ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("topup_subscription", PURCHASE | {"products": sold(None, "extra 3")}),
    ("swap_subscription_sim", {}),
    ("change_subscription_plan", PURCHASE | {"products": sold("monthly too", "extra 3")}),
    ("cancel_subscription", {}),
    ("cancel_subscription_products", {"product_ids": ["extra"]}),
]


def test_every_type_of_order_on_a_subscription_is_tried() -> None:
    assert {order_type for order_type, _ in ORDERS} == {*ORDER_TYPES} - {"activate_subscription"}


@pytest.mark.parametrize(("order_type", "fields"), ORDERS)
class TestAnOrderOnItsWay:
    """It fails with ``subscription_not_active`` and undoes itself."""

    @pytest.mark.parametrize("network", ["accepts", "rejects", "silent"])
    def test_the_network_is_at_work(
        self, line: Timeline, subscription: str, order_type: str, fields: dict[str, Any], network: str
    ) -> None:
        line.network = "busy"
        order = self.place(line, subscription, order_type, fields)
        line.report("terminated", subscription)
        before = line.subscription(subscription), line.products(subscription)
        assert line.order(order).status == "fulfilling"
        line.network = network
        line.rest()
        self.assert_undone(line, order)
        failure = line.order(order).failure
        assert failure is not None
        expected = {
            "accepts": ("subscription_not_active", "complete"),
            "rejects": ("network_rejected", "provision"),
            "silent": ("network_timeout", "provision"),
        }
        assert (failure.code, failure.step) == expected[network]
        assert len(line.world.deprovisionings) == (network != "rejects")
        after = line.subscription(subscription)
        assert (after.lock.exclusive, after.lock.topups, after.lock.reserved_places) == (None, [], {})
        same = {"lock", "version", "updated_at"}
        assert after.model_dump(exclude=same) == before[0].model_dump(exclude=same)
        assert line.products(subscription) == before[1]

    def test_the_network_was_not_asked(
        self, line: Timeline, subscription: str, order_type: str, fields: dict[str, Any]
    ) -> None:
        line.halted = True
        order = self.place(line, subscription, order_type, fields)
        line.report("terminated", subscription)
        line.halted = False
        line.rest()
        failure = line.order(order).failure
        assert failure is not None
        assert (failure.code, failure.step) == ("subscription_not_active", "prepare")
        assert line.world.deprovisionings == []
        self.assert_undone(line, order)

    def place(self, line: Timeline, subscription: str, order_type: str, fields: dict[str, Any]) -> str:
        if "product_ids" in fields:
            fields = {"product_ids": [line.products(subscription)[name].id for name in fields["product_ids"]]}
        return line.place(order_type, subscription_id=subscription, **fields)

    def assert_undone(self, line: Timeline, order_id: str) -> None:
        assert line.told_of(order_id) == ["order.accepted", "order.fulfilling", "order.failed"]
        for asked in line.world.deprovisionings:
            line.world.network_says("deprovisioning.succeeded", asked)
        new_sim = line.order(order_id).sim_profile_id
        if new_sim:
            assert sim(new_sim).status == "in_stock"
