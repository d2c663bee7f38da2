"""What the clock does for an order, when it is due and not before (contract §2, ``expected_by`` and Lifecycle)."""

from datetime import timedelta

import pytest

from functions.orders import progress
from functions.orders.order import Order, show_order
from functions.subscriptions.lock import Lock
from functions.subscriptions.subscription import Subscription
from tests.lifecycle.one_step import held, keep, moved, order
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
    assert id_of(progress.when_due(PARTNER, "ord_1")) == "ord_1"
    line.world.look()
    assert line.order("ord_1").due_at == (line.order("ord_1").updated_at or NOW) + timedelta(minutes=5)
    assert line.events_of("ord_1") == [event]


def test_an_order_of_which_the_stream_has_told_nobody_moves_on(line: Timeline) -> None:
    keep(line, order("activate_subscription", status="accepted"))
    assert look(line) is None
    moved(line, "fulfilling", None)


@pytest.mark.parametrize("due_in", [timedelta(milliseconds=1), None])
def test_what_is_not_due_stays_as_it_is(line: Timeline, due_in: timedelta | None) -> None:
    due_at = None if due_in is None else line.world.now + timedelta(seconds=1) + due_in
    keep(line, order("topup_subscription", due_at=due_at), *held(Lock()))
    before = dict(line.world.items)
    assert progress.when_due(PARTNER, "ord_1") is None
    line.world.look()
    assert line.world.items == before


def test_what_is_not_there(line: Timeline) -> None:
    assert look(line) is None


@pytest.mark.parametrize("status", ["scheduled", "completed"])
def test_what_the_clock_has_nothing_to_do_with(line: Timeline, status: str) -> None:
    keep(line, order("topup_subscription", status=status), *held(Lock()))
    before = dict(line.world.items)
    assert look(line) is None
    assert line.world.items == before
