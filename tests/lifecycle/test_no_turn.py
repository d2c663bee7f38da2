"""No scheduled order is released, as none has its turn (contract §2, ``schedule``)."""

from datetime import datetime, timedelta

import pytest

from functions.orders import progress
from functions.orders.progress import ProgressSettings
from functions.shared.dynamodb import Conflict
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import held, keep, order
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
