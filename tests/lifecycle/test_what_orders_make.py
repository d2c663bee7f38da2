"""What is there of a subscription once an order is prepared, completed or undone (contract §2)."""

from functions.shared import table
from functions.sim_profiles.sim_profile import Reservation, show_sim_profile
from functions.subscriptions.subscription import Subscription
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import PARTNER, SUBSCRIBER
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

READY = "subscription.sim_profile.ready_for_installation"


class TestActivation:
    """The subscription is there before the network is asked."""

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

    def test_it_is_undone(self, line: Timeline) -> None:
        line.network = "rejects"
        order_id = line.place(line.activation("extra"))
        order = line.order(order_id)
        assert order.status == "failed"
        assert table.read(Subscription, PARTNER, order.subscription_id) is None
        assert "_embedded" not in line.world.get(f"/orders/{order_id}")
        assert "_embedded" not in line.events_of(order_id)[-1].data["order"]


def test_a_swap_for_a_reserved_card(line: Timeline, subscription: str) -> None:
    card = physical_sim()
    sims.load(PARTNER, [card])
    _, reserved = line.act("/sim-profiles/reserve", {"activation_code": card.activation_code})
    choice = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
    line.place(bodies.swap(subscription, sim_profile=choice))
    sim = line.subscription(subscription).sim_profile
    assert (sim.id, sim.status, sim.sim_type) == (reserved["id"], "active", "psim")
    assert table.read(Reservation, PARTNER, reserved["reservation_id"]) is None
    assert line.event_types_of(subscription).count(READY) == 1
