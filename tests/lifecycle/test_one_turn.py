"""The next scheduled order of a subscription is released at its date, is canceled, or waits on (contract §2)."""

from datetime import datetime, timedelta

import pytest

from functions.orders import progress
from functions.orders.order import show_order
from functions.orders.progress import ProgressSettings
from functions.shared.dynamodb import Conflict
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import ended, held, keep, moved, order
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER
from tests.support.timeline import Timeline

DAY = timedelta(days=1)
EXPECTED_WITHIN = timedelta(seconds=ProgressSettings.load().expected_within_seconds)


def waiting(number: int, at: datetime) -> ScheduledOrder:
    return ScheduledOrder(order_id=f"ord_{number}", type="cancel_subscription", release_at=at, holds_from=at)


def let_next_go(line: Timeline) -> None:
    with passing_time(line):
        progress.advance_next(PARTNER, "subs_1")
        line.world.look()


def test_it_is_released(line: Timeline) -> None:
    lock = Lock(scheduled=[waiting(2, NOW + DAY), waiting(1, NOW)])
    keep(line, order("cancel_subscription", status="scheduled", release_at=NOW), *held(lock))
    up_to_date_at = line.world.now + timedelta(milliseconds=1)
    let_next_go(line)
    kept = line.subscription("subs_1")
    at = moved(line, "fulfilling", kept)
    assert at == up_to_date_at
    assert line.order("ord_1").due_at == line.order("ord_1").expected_by == at + EXPECTED_WITHIN
    assert kept.lock == Lock(exclusive="ord_1", released_at=NOW, scheduled=[waiting(2, NOW + DAY)])
    assert kept.updated_at == at


def test_it_is_canceled_with_its_subscription(line: Timeline) -> None:
    lock = Lock(scheduled=[waiting(1, NOW + DAY), waiting(2, NOW + 2 * DAY)])
    root, _, linked = held(lock, status="canceled", ended_at=NOW)
    keep(line, order("cancel_subscription", status="scheduled"), root.model_copy(update={"open_products": []}), linked)
    let_next_go(line)
    kept = line.subscription("subs_1")
    at = ended(line, "canceled", kept, "subscription_ended")
    assert (line.order("ord_1").canceled_at, kept.updated_at) == (at, at)
    assert kept.lock.scheduled == [waiting(2, NOW + 2 * DAY)]


def test_it_is_accepted_and_released_at_once_if_nobody_has_looked(line: Timeline) -> None:
    lock = Lock(scheduled=[waiting(1, NOW)])
    keep(line, order("cancel_subscription", status="accepted", release_at=NOW), *held(lock))
    let_next_go(line)
    assert [entry.status for entry in line.order("ord_1").history] == ["scheduled", "fulfilling"]
    assert line.subscription("subs_1").lock.exclusive == "ord_1"
    last = line.events_of("ord_1")[-1]
    assert last.data == {"order": show_order(line.order("ord_1"), line.subscription("subs_1"))}


def test_it_is_released_from_its_very_moment(line: Timeline) -> None:
    moment = line.world.now + timedelta(seconds=1)
    lock = Lock(scheduled=[waiting(1, moment)])
    keep(line, order("cancel_subscription", status="scheduled", release_at=moment), *held(lock))
    assert line.world.now == moment
    progress.advance_next(PARTNER, "subs_1")
    assert line.order("ord_1").status == "fulfilling"


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param(Lock(), id="none waits"),
        pytest.param(Lock(scheduled=[waiting(1, NOW + DAY)]), id="its date has not come"),
        pytest.param(Lock(scheduled=[waiting(1, NOW)], topups=["ord_2"]), id="another one is in progress"),
    ],
)
def test_it_is_not_its_turn(line: Timeline, lock: Lock) -> None:
    keep(line, order("cancel_subscription", status="scheduled", release_at=NOW), *held(lock))
    before = dict(line.world.items)
    let_next_go(line)
    assert line.world.items == before


@pytest.mark.parametrize("status", ["fulfilling", "canceled", None])
def test_somebody_else_was_quicker(line: Timeline, status: str | None) -> None:
    orders = [order("cancel_subscription", status=status)] if status else []
    keep(line, *orders, *held(Lock(scheduled=[waiting(1, NOW)])))
    with pytest.raises(Conflict):
        let_next_go(line)


def test_a_subscription_that_is_not_there_has_no_next_one(line: Timeline) -> None:
    before = dict(line.world.items)
    let_next_go(line)
    assert line.world.items == before
