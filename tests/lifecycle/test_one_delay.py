"""What the clock does for an order, when it is due and not before (contract §2, ``expected_by`` and Lifecycle)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.orders import progress
from functions.orders.order import Order, show_order
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.lock import Lock, ScheduledOrder
from functions.subscriptions.subscription import Subscription
from tests.lifecycle.one_step import ended, held, keep, moved, order, sim
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER
from tests.support.timeline import Timeline

DAY = timedelta(days=1)


def look(line: Timeline) -> Order | None:
    """What the clock is to check."""
    with passing_time(line):
        checked = progress.when_due(PARTNER, "ord_1")
        line.world.look()
    return checked


def id_of(checked: Order | None) -> str | None:
    return checked.id if checked else None


def test_a_delay_is_published_once(line: Timeline) -> None:
    lock = Lock(topups=["ord_1"])
    keep(line, order("topup_subscription"), *held(lock))
    kept: Subscription | None = line.subscription("subs_1")
    assert id_of(look(line)) == "ord_1"
    found, (event,) = line.order("ord_1"), line.events_of("ord_1")
    assert (event.type, event.subscription_id, event.order_id) == ("order.delayed", "subs_1", "ord_1")
    assert event.data == {"order": show_order(found, kept)}
    assert (found.delayed, found.event_ids) == (True, [event.id])
    assert found.due_at is not None
    assert found.due_at == (found.updated_at or NOW) + timedelta(minutes=5)
    line.skip_to(found.due_at)
    assert id_of(look(line)) == "ord_1"
    assert line.order("ord_1").due_at == (line.order("ord_1").updated_at or NOW) + timedelta(minutes=5)
    assert line.events_of("ord_1") == [event]


def test_an_order_of_which_the_stream_has_told_nobody_moves_on(line: Timeline) -> None:
    keep(line, order("activate_subscription", status="accepted"))
    assert look(line) is None
    moved(line, "fulfilling", None)


def test_an_order_on_hold_expires(line: Timeline) -> None:
    taken = sim(sim_type="psim", status="reserved", reservation_id="resv_1")
    fields: dict[str, Any] = {"sim_profile_id": "simp_1", "reservation_id": "resv_1", "sim_type": "psim"}
    reservation = Reservation(
        id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", order_id="ord_1", expires_at=NOW
    )
    keep(line, order("activate_subscription", status="on_hold", **fields), taken, reservation)
    assert look(line) is None
    at = ended(line, "expired", None)
    assert line.order("ord_1").canceled_at is None
    (kept,) = line.world.of_kind("reservation")
    opened = Reservation.model_validate(kept)
    assert (opened.order_id, opened.expires_at) == (None, at + DAY)
    assert line.sim("simp_1").reservation_expires_at == at + DAY


@pytest.mark.parametrize("due_in", [timedelta(milliseconds=1), None])
def test_what_is_not_due_stays_as_it_is(line: Timeline, due_in: timedelta | None) -> None:
    due_at = None if due_in is None else line.world.now + timedelta(seconds=1) + due_in
    keep(line, order("topup_subscription", due_at=due_at), *held(Lock()))
    before = dict(line.world.items)
    assert progress.when_due(PARTNER, "ord_1") is None
    line.world.look()
    assert line.world.items == before


def test_what_is_due_now(line: Timeline) -> None:
    keep(line, order("topup_subscription", due_at=line.world.now + timedelta(seconds=1)), *held(Lock()))
    assert line.order("ord_1").due_at == line.world.now
    assert progress.when_due(PARTNER, "ord_1") is not None


def test_what_is_not_there(line: Timeline) -> None:
    assert look(line) is None


@pytest.mark.parametrize("status", ["scheduled", "completed"])
def test_what_the_clock_has_nothing_to_do_with(line: Timeline, status: str) -> None:
    keep(line, order("topup_subscription", status=status), *held(Lock()))
    before = dict(line.world.items)
    assert look(line) is None
    assert line.world.items == before


def test_a_canceled_order_takes_back_the_ends_that_it_set(line: Timeline) -> None:
    end = NOW + 31 * DAY
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
