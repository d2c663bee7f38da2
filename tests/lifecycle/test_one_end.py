"""An order that has made nothing yet is given up, with all that it holds (contract §2, Lifecycle)."""

from datetime import timedelta
from typing import Any

from functions.orders import progress
from functions.orders.order import show_order
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import ended, held, keep, order, sim
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER
from tests.support.timeline import Timeline

DAY = timedelta(days=1)


def test_an_order_on_hold_expires(line: Timeline) -> None:
    taken = sim(sim_type="psim", status="reserved", reservation_id="resv_1")
    fields: dict[str, Any] = {"sim_profile_id": "simp_1", "reservation_id": "resv_1", "sim_type": "psim"}
    reservation = Reservation(
        id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", order_id="ord_1", expires_at=NOW
    )
    keep(line, order("activate_subscription", status="on_hold", **fields), taken, reservation)
    with passing_time(line):
        progress.when_due(PARTNER, "ord_1")
        line.world.look()
    at = ended(line, "expired", None)
    assert line.order("ord_1").canceled_at is None
    (kept,) = line.world.of_kind("reservation")
    opened = Reservation.model_validate(kept)
    assert (opened.order_id, opened.expires_at) == (None, at + DAY)
    assert line.sim("simp_1").reservation_expires_at == at + DAY


def test_a_canceled_order_takes_back_the_ends_that_it_set(line: Timeline) -> None:
    """Those that have not come at the moment at which it is canceled."""
    end = line.world.now + timedelta(seconds=2, milliseconds=2)
    waits = [ScheduledOrder(order_id=f"ord_{number}", type="x", release_at=end) for number in (1, 2)]
    root, plan, linked = held(Lock(scheduled=waits))
    fields = {"release_at": end, "product_ids": ["prd_plan"], "product_ends": {"prd_plan": end}}
    accepted = order("cancel_subscription_products", status="accepted", **fields)
    keep(line, accepted, root, plan, linked)
    progress.advance(PARTNER, "ord_1")
    line.world.look()
    assert [product.end_at for product in line.subscription("subs_1").open_products] == [end]
    found = line.order("ord_1")
    with passing_time(line):
        change = Transaction()
        assert change.at == end - timedelta(milliseconds=1)
        subscription = progress.give_up(change, found, "canceled", "because")
        change.commit()
        line.world.look()
    kept = line.subscription("subs_1")
    assert subscription is not None
    assert show_order(found, subscription.root) == show_order(line.order("ord_1"), kept)
    assert [(each.status, each.reason) for each in line.order("ord_1").history[-2:]] == [
        ("scheduled", None),
        ("canceled", "because"),
    ]
    assert line.order("ord_1").canceled_at == line.order("ord_1").history[-1].at == kept.updated_at == change.at
    assert kept.lock.scheduled == waits[1:]
    assert [product.end_at for product in kept.open_products] == [None]
    assert line.events_of("ord_1")[-1].data == {"order": show_order(line.order("ord_1"), kept)}
