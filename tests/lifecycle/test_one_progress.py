"""An accepted order moves on, once (contract §2, Lifecycle)."""

from datetime import datetime, timedelta

import pytest

from functions.orders import progress
from functions.orders.progress import ProgressSettings
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import held, keep, moved, order
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER
from tests.support.timeline import Timeline

EXPECTED_WITHIN = timedelta(seconds=ProgressSettings.load().expected_within_seconds)


def advance(line: Timeline) -> datetime:
    """For which moment its subscription was brought up to date."""
    up_to_date_at = line.world.now + timedelta(milliseconds=1)
    with passing_time(line):
        progress.advance(PARTNER, "ord_1")
        line.world.look()
    return up_to_date_at


def test_to_its_fulfilment(line: Timeline) -> None:
    lock = Lock(topups=["ord_1"], reserved_places={"ord_1": 1})
    keep(line, order("topup_subscription", status="accepted"), *held(lock))
    at = advance(line)
    assert moved(line, "fulfilling", line.subscription("subs_1")) == at
    assert line.order("ord_1").expected_by == line.order("ord_1").due_at == at + EXPECTED_WITHIN
    assert line.subscription("subs_1").lock == lock


def test_to_the_date_it_waits_for(line: Timeline) -> None:
    """Its subscription is due then, and is as it was."""
    later = NOW + timedelta(days=1)
    lock = Lock(scheduled=[ScheduledOrder(order_id="ord_1", type="x", release_at=later, holds_from=later)])
    keep(line, order("cancel_subscription", status="accepted", release_at=later), *held(lock))
    before = line.subscription("subs_1")
    at = advance(line)
    assert moved(line, "scheduled", before) == at
    assert line.order("ord_1").due_at is None
    assert line.subscription("subs_1") == before


@pytest.mark.parametrize("status", ["scheduled", "fulfilling", "completed", "canceled"])
def test_nowhere_a_second_time(line: Timeline, status: str) -> None:
    keep(line, order("topup_subscription", status=status), *held(Lock()))
    before = dict(line.world.items)
    advance(line)
    assert line.world.items == before


def test_that_is_not_there(line: Timeline) -> None:
    before = dict(line.world.items)
    advance(line)
    assert line.world.items == before
