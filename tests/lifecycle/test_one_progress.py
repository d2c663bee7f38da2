"""An accepted order moves on, once (contract §2, Lifecycle)."""

from datetime import timedelta

import pytest

from functions.orders import progress
from functions.orders.progress import ProgressSettings
from functions.products import lifecycle
from functions.shared.clock import iso
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import held, keep, moved, order
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER, offering, product
from tests.support.timeline import Timeline

EXPECTED_WITHIN = timedelta(seconds=ProgressSettings.load().expected_within_seconds)


def advance(line: Timeline) -> None:
    with passing_time(line):
        progress.advance(PARTNER, "ord_1")
        line.world.look()


def test_to_its_fulfilment(line: Timeline) -> None:
    lock = Lock(topups=["ord_1"], reserved_places={"ord_1": 1})
    keep(line, order("topup_subscription", status="accepted"), *held(lock))
    advance(line)
    at = moved(line, "fulfilling", line.subscription("subs_1"))
    assert line.order("ord_1").expected_by == line.order("ord_1").due_at == at + EXPECTED_WITHIN
    assert line.subscription("subs_1").lock == lock


def test_to_the_date_it_waits_for(line: Timeline) -> None:
    """Its subscription is due then, and is as it was."""
    later = NOW + timedelta(days=1)
    lock = Lock(scheduled=[ScheduledOrder(order_id="ord_1", type="x", release_at=later, holds_from=later)])
    keep(line, order("cancel_subscription", status="accepted", release_at=later), *held(lock))
    before = line.subscription("subs_1")
    advance(line)
    moved(line, "scheduled", before)
    assert line.order("ord_1").due_at is None
    assert line.subscription("subs_1") == before


def test_to_the_ends_that_it_sets(line: Timeline) -> None:
    """Nothing waits for it from then on: its products end by themselves, or are canceled if they have not begun."""
    end = NOW + timedelta(days=31)
    waits = ScheduledOrder(order_id="ord_1", type="x", release_at=end, holds_from=end, product_ids=["prd_plan"])
    root, *others = held(Lock(scheduled=[waits, waits.model_copy(update={"order_id": "ord_2"})]))
    fields = {"release_at": end, "product_ids": ["prd_plan", "prd_9"], "product_ends": {"prd_plan": end}}
    pending = product("prd_9", offering("data"))
    lifecycle.begin(pending, "first_usage", NOW, None)
    root.know(pending)  # type: ignore[attr-defined] # the subscription
    keep(line, order("cancel_subscription_products", status="accepted", **fields), root, pending, *others)
    advance(line)
    kept = line.subscription("subs_1")
    at = moved(line, "scheduled", kept)
    assert [(each.order_id, each.holds_from) for each in kept.lock.scheduled] == [("ord_1", None), ("ord_2", end)]
    made = {str(item["id"]): item for item in line.world.of_kind("product")}
    assert (made["prd_plan"]["status"], made["prd_9"]["status"], kept.updated_at) == ("active", "canceled", at)
    (plan,) = kept.open_products
    assert (plan.end_at, made["prd_9"]["ended_at"]) == (end, iso(at))


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
