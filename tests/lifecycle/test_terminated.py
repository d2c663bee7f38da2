"""The operator ends a subscription: everything ends as with a completed cancellation, whatever is on its way (§9)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.orders import execution_task
from functions.routes import ORDER_TYPES
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions import store as subscriptions
from functions.subscriptions.phone_number import PhoneNumber
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.timeline import Timeline

Body = Callable[[str, str], dict[str, Any]]
"""Makes the body of an order on a subscription, from its id and that of an add-on."""


@pytest.fixture
def subscription(line: Timeline) -> str:
    """With a plan, an active add-on and one that waits."""
    addons = bodies.addons("extra") + bodies.addons("extra 2", mode="first_usage")
    return line.subscribe(products=bodies.sold("monthly") | {"addons": addons})


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
        line.place(bodies.cancellation(subscription_id))


@pytest.mark.parametrize("how", ["terminated", "canceled"])
def test_everything_ends(line: Timeline, subscription: str, how: str) -> None:
    """Both ways alike."""
    number = give_number(line, subscription)
    end(line, subscription, how)
    ended = line.subscription(subscription)
    assert (ended.status, ended.ended_at, ended.phone_numbers) == (how, ended.updated_at, [])
    assert (ended.open_products, ended.due_at) == ([], None)
    assert line.event_types_of(subscription)[-1] == f"subscription.{how}"
    assert sim(ended.sim_profile.id).status == ended.sim_profile.status == "retired"
    kept = table.read(PhoneNumber, PARTNER, number.id)
    assert kept is not None
    assert kept.status == "terminated"
    assert line.event_types_of(number.id) == ["phone_number.terminated"]
    statuses = {name: product.status for name, product in line.products(subscription).items()}
    assert statuses == {"monthly": "terminated", "extra": "terminated", "extra 2": "canceled"}
    for product in line.products(subscription).values():
        assert product.ended_at == ended.ended_at
        assert line.event_types_of(product.id)[-1] == f"product.{product.status}"


@pytest.mark.parametrize("action", [None, "grace", "suspend", "deactivate"])
def test_in_every_status(line: Timeline, subscription: str, action: str | None) -> None:
    if action:
        line.act(f"/subscriptions/{subscription}/{action}")
    for _ in range(2):
        line.report("terminated", subscription)
    assert line.subscription(subscription).status == "terminated"
    assert line.event_types_of(subscription).count("subscription.terminated") == 1
    assert line.act(f"/subscriptions/{subscription}/resume")[0] == 400


@pytest.mark.parametrize("how", ["terminated", "canceled"])
def test_scheduled_orders_are_canceled(line: Timeline, subscription: str, how: str) -> None:
    plan = line.products(subscription)["monthly"]
    orders = [
        line.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END)),
        line.place(bodies.products_cancellation(subscription, plan.id, schedule=bodies.AT_CYCLE_END)),
        line.place(bodies.plan_change(subscription, "monthly too", schedule=bodies.AT_CYCLE_END)),
    ]
    end(line, subscription, how)
    for order_id in orders:
        order = line.order(order_id)
        assert (order.status, order.due_at) == ("canceled", None)
        assert (order.history[-1].reason, order.canceled_at) == ("subscription_ended", order.history[-1].at)
        assert line.event_types_of(order_id) == ["order.accepted", "order.scheduled", "order.canceled"]
    assert line.subscription(subscription).lock.scheduled == []
    line.move_to(line.world.now + timedelta(days=40))
    assert line.products(subscription)["monthly"].cycle == 1


ORDERS: dict[str, Body] = {
    "top-up": lambda subscription, _extra: bodies.topup(subscription, "extra 3"),
    "swap": lambda subscription, _extra: bodies.swap(subscription),
    "plan change": lambda subscription, _extra: bodies.plan_change(subscription, "monthly too", "extra 3"),
    "cancellation": lambda subscription, _extra: bodies.cancellation(subscription),
    "products": bodies.products_cancellation,
}


def test_every_type_of_order_on_a_subscription_is_tried() -> None:
    types = {str(body("subs_1", "prd_1")["type"]) for body in ORDERS.values()}
    assert types == {*ORDER_TYPES} - {"activate_subscription"}


@pytest.mark.parametrize("body", ORDERS.values(), ids=ORDERS)
class TestAnOrderOnItsWay:
    """It fails with ``subscription_not_active`` and undoes itself."""

    @pytest.mark.parametrize("network", ["accepts", "rejects", "silent"])
    def test_the_network_is_at_work(self, line: Timeline, subscription: str, body: Body, network: str) -> None:
        line.network = "busy"
        order = self.place(line, subscription, body)
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

    def test_the_network_was_not_asked(self, line: Timeline, subscription: str, body: Body) -> None:
        line.halted = True
        order = self.place(line, subscription, body)
        line.report("terminated", subscription)
        line.halted = False
        line.rest()
        failure = line.order(order).failure
        assert failure is not None
        assert (failure.code, failure.step) == ("subscription_not_active", "prepare")
        assert failure.detail == "The subscription is terminated."
        assert line.world.deprovisionings == []
        self.assert_undone(line, order)

    def place(self, line: Timeline, subscription: str, body: Body) -> str:
        return line.place(body(subscription, line.products(subscription)["extra"].id))

    def assert_undone(self, line: Timeline, order_id: str) -> None:
        assert line.event_types_of(order_id) == ["order.accepted", "order.fulfilling", "order.failed"]
        for asked in line.world.deprovisionings:
            line.world.network_says("deprovisioning.succeeded", asked)
        new_sim = line.order(order_id).sim_profile_id
        if new_sim:
            assert sim(new_sim).status == "in_stock"


def test_complete_that_runs_twice_at_once_is_not_refused(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one reads the order, the other completes it, and then the first reads the subscription that has ended."""
    subscription_id = line.subscribe()
    line.network = "busy"
    order_id = line.place(bodies.cancellation(subscription_id))
    complete = {"step": "complete", "partner": PARTNER, "order_id": order_id, "provisioned": {}}
    up_to_date = subscriptions.up_to_date
    busy: list[str] = []

    def interrupted(*about: Any) -> Any:
        if not busy:
            busy.append("the other one")
            assert execution_task.handler(complete, None) == {"status": "completed"}
        return up_to_date(*about)

    monkeypatch.setattr(subscriptions, "up_to_date", interrupted)
    monkeypatch.setattr(table, "PATIENCE_SECONDS", 5.0)
    assert execution_task.handler(complete, None) == {"status": "completed"}
