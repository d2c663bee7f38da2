"""What an order has made when it is prepared and when it is completed (contract §2), of one subscription in time."""

import json
from typing import Any

import pytest

from functions.orders.order import order_link
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation, show_sim_profile
from functions.subscriptions.subscription import Subscription
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import MONTH, PARTNER, SUBSCRIBER, offering
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

NUMBER = "+4915112345678"
READY = "subscription.sim_profile.ready_for_installation"


def statuses(line: Timeline, subscription_id: str) -> dict[str, str]:
    """The statuses of its products by the names of their offerings."""
    return {name: product.status for name, product in line.products(subscription_id).items()}


class TestActivation:
    """The subscription is there before the network is asked, and active once it has answered."""

    def test_it_is_prepared(self, line: Timeline) -> None:
        line.network = "busy"
        order = line.order(line.place(line.activation("extra")))
        sim = line.sim(order.sim_profile_id or "")
        assert (sim.status, sim.order_id, sim.subscription_id) == ("reserved", order.id, None)
        subscription = line.subscription(order.subscription_id)
        assert show_sim_profile(subscription.sim_profile) == show_sim_profile(sim)
        assert subscription == Subscription(
            id=order.subscription_id,
            partner=PARTNER,
            created_at=order.prepared_at,
            updated_at=order.prepared_at,
            status="created",
            subscriber_id=SUBSCRIBER,
            account_id="acc_1",
            sim_profile=subscription.sim_profile,
            version=1,
        )
        assert line.products(order.subscription_id) == {}
        assert line.event_types_of(order.subscription_id) == []

    def test_it_is_completed(self, line: Timeline) -> None:
        order = line.order(line.place(line.activation("extra")))
        subscription = line.subscription(order.subscription_id)
        assert (subscription.status, subscription.updated_at) == ("active", order.completed_at)
        sim = line.sim(order.sim_profile_id or "")
        assert (sim.status, sim.subscription_id) == ("active", subscription.id)
        assert show_sim_profile(subscription.sim_profile) == show_sim_profile(sim)
        assert statuses(line, subscription.id) == {"monthly": "active", "extra": "active"}
        active, ready = line.events_of(subscription.id)
        assert (active.type, ready.type) == ("subscription.active", READY)
        assert ready.data["order"] == order_link(order)

    def test_it_is_undone(self, line: Timeline) -> None:
        line.network = "rejects"
        order_id = line.place(line.activation("extra"))
        order = line.order(order_id)
        assert order.status == "failed"
        assert table.read(Subscription, PARTNER, order.subscription_id) is None
        assert "_embedded" not in line.world.get(f"/orders/{order_id}")
        assert "_embedded" not in line.events_of(order_id)[-1].data["order"]

    @pytest.mark.parametrize(
        ("country", "answer", "number"),
        [("DE", {"msisdn": NUMBER}, NUMBER), ("DE", {}, None), (None, {"msisdn": NUMBER}, None)],
    )
    def test_the_network_gives_a_number_where_the_plan_has_one(
        self, line: Timeline, country: str | None, answer: dict[str, Any], number: str | None
    ) -> None:
        change = Transaction()
        change.create(offering("with number", "plan", validity=MONTH, phone_number_country=country))
        change.create(offering("of a number", phone_number_country="FR", fits=["with number"]))
        change.commit()
        line.world.look()
        line.network = "busy"
        order = line.order(line.place(line.activation("of a number", plan="with number")))
        line.world.executions.send_task_success(taskToken=order.id, output=json.dumps(answer))
        line.rest()
        numbers = line.subscription(order.subscription_id).phone_numbers
        assert [(given.msisdn, given.country, given.status) for given in numbers] == (
            [(number, "DE", "active")] if number else []
        )
        found = line.world.get(f"/subscriptions?msisdn={NUMBER.removeprefix('+')}")["_embedded"]["subscriptions"]
        assert [each["id"] for each in found] == ([order.subscription_id] if number else [])


class TestSwap:
    """The old SIM stays linked until the network has answered, and is never used again then."""

    def test_for_another_esim(self, line: Timeline, subscription: str) -> None:
        before = line.subscription(subscription)
        line.network = "busy"
        order = line.order(line.place(bodies.swap(subscription)))
        assert line.subscription(subscription).sim_profile == before.sim_profile
        line.accept(order.id)
        after = line.subscription(subscription)
        old, new = line.sim(before.sim_profile.id), line.sim(order.sim_profile_id or "")
        assert (old.status, new.status, new.subscription_id) == ("retired", "active", subscription)
        assert show_sim_profile(after.sim_profile) == show_sim_profile(new)
        assert (after.status, after.open_products) == ("active", before.open_products)
        event = line.events_of(subscription)[-1]
        assert (event.type, event.data["order"]) == (READY, order_link(order))

    def test_for_a_reserved_card(self, line: Timeline, subscription: str) -> None:
        card = physical_sim()
        sims.load(PARTNER, [card])
        _, reserved = line.act("/sim-profiles/reserve", {"activation_code": card.activation_code})
        choice = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
        line.place(bodies.swap(subscription, sim_profile=choice))
        sim = line.subscription(subscription).sim_profile
        assert (sim.id, sim.status, sim.sim_type) == (reserved["id"], "active", "psim")
        assert table.read(Reservation, PARTNER, reserved["reservation_id"]) is None
        assert line.event_types_of(subscription).count(READY) == 1


def test_a_plan_change_ends_the_plan_that_is_current_then(line: Timeline, subscription: str) -> None:
    """Its add-ons and other plans are kept."""
    line.place(bodies.topup(subscription, "extra"))
    line.place(bodies.topup(subscription, products=bodies.sold("30 days")))
    line.place(bodies.plan_change(subscription, "monthly too", "extra 2"))
    assert statuses(line, subscription) == {
        "monthly": "active",
        "extra": "active",
        "30 days": "terminated",
        "monthly too": "active",
        "extra 2": "active",
    }


@pytest.mark.parametrize("status", ["canceled", "terminated"])
def test_products_are_canceled_at_once_or_end_with_their_cycles(line: Timeline, subscription: str, status: str) -> None:
    line.place(bodies.topup(subscription, "extra"))
    line.place(bodies.topup(subscription, "extra 2", mode="first_usage"))
    products = line.products(subscription)
    schedule = {"schedule": bodies.AT_CYCLE_END} if status == "terminated" else {}
    ids = [products[name].id for name in ("extra", "extra 2")]
    order = line.place(bodies.products_cancellation(subscription, *ids, **schedule))
    assert statuses(line, subscription)["extra 2"] == "canceled"
    if schedule:
        assert statuses(line, subscription)["extra"] == "active"
        assert products["extra"].end_at is not None
        line.move_to(products["extra"].end_at)
    assert line.order(order).status == "completed"
    assert statuses(line, subscription) == {"monthly": "active", "extra": status, "extra 2": "canceled"}
