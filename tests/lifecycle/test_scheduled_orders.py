"""Orders that wait for a date (contract §2, ``schedule``)."""

from datetime import datetime, timedelta

import pytest

from functions.orders import progress
from functions.orders.order import Order
from functions.shared.dynamodb import Conflict
from functions.subscriptions import store
from functions.subscriptions.aggregate import SubscriptionAggregate
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.timeline import Timeline

DAY = timedelta(days=1)
TODAY, TOMORROW = "2026-03-10", "2026-03-11"
"""The timeline begins on the first of them."""


def on(day: str) -> dict[str, str]:
    return {"mode": "specific_date", "effective_at": day}


def cancel_tomorrow(line: Timeline, subscription: str) -> str:
    return line.place(bodies.cancellation(subscription, schedule=on(TOMORROW)))


def test_today_is_at_once(line: Timeline) -> None:
    order = line.place(bodies.cancellation(line.subscribe(), schedule=on(TODAY)))
    assert line.event_types_of(order) == ["order.accepted", "order.fulfilling", "order.completed"]
    assert line.world.get(f"/orders/{order}")["schedule"] == on(TODAY)


def test_it_is_released_at_the_first_moment_of_its_day(line: Timeline) -> None:
    order = cancel_tomorrow(line, line.subscribe())
    midnight = datetime.fromisoformat("2026-03-11T00:00:00+00:00")
    line.move_to(midnight - timedelta(seconds=5))
    assert line.order(order).status == "scheduled"
    line.move_to(midnight)
    assert line.order(order).status == "completed"


@pytest.mark.parametrize("mode", ["mode", "type"])
def test_the_end_of_the_cycle(line: Timeline, mode: str) -> None:
    """``type`` is what older clients write for ``mode``."""
    order = line.place(bodies.cancellation(line.subscribe(), schedule={mode: "end_of_cycle"}))
    assert line.order(order).status == "scheduled"
    expected = {"mode": "end_of_cycle", "effective_at": "2026-04-10"}
    assert line.world.get(f"/orders/{order}")["schedule"] == expected


def test_a_second_one_of_its_type(line: Timeline) -> None:
    subscription = line.subscribe()
    first = cancel_tomorrow(line, subscription)
    again = bodies.cancellation(subscription, schedule=on(TOMORROW))
    assert line.refused(again) == [("order_already_scheduled", "$.schedule")]
    line.act(f"/orders/{first}/cancel")
    assert line.order(line.place(again)).status == "scheduled"


def test_it_is_canceled_and_not_resumed(line: Timeline) -> None:
    order = cancel_tomorrow(line, line.subscribe())
    status, problem = line.act(f"/orders/{order}/resume")
    assert (status, problem["detail"]) == (400, "The order is scheduled.")
    status, answer = line.act(f"/orders/{order}/cancel")
    assert (status, answer["status"]) == (200, "canceled")
    assert answer == line.world.get(f"/orders/{order}")
    event = line.events_of(order)[-1]
    assert (event.type, event.data, event.order_id) == ("order.canceled", {"order": answer}, order)
    assert event.subscription_id == answer["_embedded"]["subscription"]["id"]


def test_the_subscription_ends_first(line: Timeline) -> None:
    subscription = line.subscribe()
    order = cancel_tomorrow(line, subscription)
    line.place(bodies.cancellation(subscription))
    shown = line.world.get(f"/orders/{order}")
    assert (shown["status"], shown["canceled_at"]) == ("canceled", shown["updated_at"])
    history = line.world.get(f"/orders/{order}/history")["_embedded"]["history"]
    assert (history[-1]["status"], history[-1]["reason"]) == ("canceled", "subscription_ended")


@pytest.mark.parametrize("kept", [True, False])
def test_one_that_waits_no_more_is_not_released(line: Timeline, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    """Somebody cancels it between the reads of its subscription and of itself."""
    subscription = line.subscribe()
    order = cancel_tomorrow(line, subscription)
    before = line.subscription(subscription)
    line.act(f"/orders/{order}/cancel")
    monkeypatch.setattr(store, "up_to_date", lambda *_: SubscriptionAggregate(before, line.world.now))
    if not kept:
        before.lock.scheduled[0].order_id = "ord_1"
    progress.advance_next(PARTNER, subscription)
    line.skip_to(line.world.now + DAY)
    with pytest.raises(Conflict):
        progress.advance_next(PARTNER, subscription)


def test_where_nothing_is_nothing_is_released(line: Timeline) -> None:
    progress.advance_next(PARTNER, "subs_1")
    assert line.world.of_kind(Order.KIND) == []


def test_its_rules_are_checked_again(line: Timeline) -> None:
    subscription = line.subscribe()
    order = line.place(bodies.plan_change(subscription, "monthly too", schedule=bodies.AT_CYCLE_END))
    line.place(bodies.products_cancellation(subscription, line.products(subscription)["monthly"].id))
    line.move_to(line.world.now + 40 * DAY)
    failure = line.order(order).failure
    assert failure is not None
    assert (line.order(order).status, failure.code) == ("failed", "no_active_plan")


@pytest.mark.parametrize(
    ("schedule", "pointer"),
    [
        ({}, "$.schedule"),
        ({"mode": "someday"}, "$.schedule.mode"),
        ({"mode": "end_of_cycle", "effective_at": TOMORROW}, "$.schedule.effective_at"),
        ({"mode": "specific_date"}, "$.schedule.effective_at"),
        ({"mode": "specific_date", "effective_at": "2026-03-09"}, "$.schedule.effective_at"),
        ({"mode": "specific_date", "effective_at": "2027-03-11"}, "$.schedule.effective_at"),
        ({"mode": "specific_date", "effective_at": "tomorrow"}, "$.schedule.effective_at"),
        ({"mode": "specific_date", "type": "end_of_cycle", "effective_at": TOMORROW}, "$.schedule"),
    ],
)
def test_a_schedule_that_is_none(line: Timeline, schedule: dict[str, str], pointer: str) -> None:
    refused = line.refused(bodies.cancellation("subs_1", schedule=schedule))
    assert refused == [("constraint_validation_error", pointer)]


def test_the_last_day_that_can_be_named(line: Timeline) -> None:
    order = line.place(bodies.cancellation(line.subscribe(), schedule=on("2027-03-10")))
    assert line.order(order).status == "scheduled"


def test_products_end_each_with_its_own_cycle(line: Timeline) -> None:
    """A plan at the end of its cycle, an add-on that does not recur at its own end."""
    subscription = line.subscribe("extra")
    products = line.products(subscription)
    plan, addon = products["monthly"], products["extra"]
    schedule = bodies.AT_CYCLE_END
    order = line.place(bodies.products_cancellation(subscription, plan.id, addon.id, schedule=schedule))
    assert line.world.get(f"/orders/{order}")["schedule"]["effective_at"] == "2026-04-10"
    assert addon.end_at is not None
    assert plan.billing_cycle_end_at is not None
    for end, expected in ((addon.end_at, "scheduled"), (plan.billing_cycle_end_at, "completed")):
        line.move_to(end)
        assert line.order(order).status == expected
        assert line.products(subscription)["extra"].status == "terminated"
    for product, end in ((addon, addon.end_at), (plan, plan.billing_cycle_end_at)):
        ended = line.world.get(f"/products/{product.id}")
        assert (ended["status"], datetime.fromisoformat(ended["ended_at"])) == ("terminated", end)
        assert line.event_types_of(product.id) == ["product.active", "product.terminated"]


def test_the_end_of_a_cycle_that_is_not_there(line: Timeline) -> None:
    subscription = line.subscribe()
    line.place(bodies.products_cancellation(subscription, line.products(subscription)["monthly"].id))
    refused = line.refused(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END))
    assert refused == [("no_active_plan", "$.schedule")]
