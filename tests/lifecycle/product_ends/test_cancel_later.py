"""Products that are to be canceled at their cycles' ends (contract §2, ``schedule``)."""

import pytest

from tests.lifecycle.product_ends.ends import DAY, EXTRA, MINUTE, MONTHLY, cancel, cycle_end, statuses, top_up
from tests.support import bodies
from tests.support.timeline import Timeline, after


def test_each_ends_by_itself_and_the_order_completes_at_the_last(line: Timeline, subscription: str) -> None:
    ends = {name: cycle_end(line, subscription, name) for name in (MONTHLY, EXTRA)}
    order = cancel(line, subscription, MONTHLY, EXTRA)
    assert {name: product.end_at for name, product in line.products(subscription).items()} == ends
    schedule = line.order(order).schedule
    assert schedule is not None
    assert schedule.effective_at == ends[EXTRA].date().isoformat()
    line.move_to(ends[MONTHLY] + MINUTE)
    assert statuses(line, subscription) == {MONTHLY: "terminated", EXTRA: "active"}
    assert line.order(order).status == "scheduled"
    line.move_to(ends[EXTRA] + MINUTE)
    assert line.order(order).status == "completed"
    for name, product in line.products(subscription).items():
        assert (product.status, product.ended_at) == ("terminated", ends[name])
        assert line.event_types_of(product.id) == ["product.active", "product.terminated"]
    assert line.event_types_of(order) == [
        f"order.{status}" for status in ("accepted", "scheduled", "fulfilling", "completed")
    ]


def test_the_network_is_asked_once_for_all_of_them(line: Timeline, subscription: str) -> None:
    order = cancel(line, subscription, MONTHLY, EXTRA)
    line.network = "busy"
    line.move_to(cycle_end(line, subscription, EXTRA) + MINUTE)
    assert set(statuses(line, subscription).values()) == {"terminated"}
    (asked,) = [one for one in line.world.executions.by_name.values() if one.order_id == order]
    assert asked.state == "provision"
    assert line.order(order).product_ids == [product.id for product in line.products(subscription).values()]


def test_those_that_have_not_started_are_canceled_by_the_write_that_schedules_it(
    line: Timeline, subscription: str
) -> None:
    """It never starts only to be cut off at another product's end."""
    waits = top_up(line, subscription, "extra", "first_usage")
    order = cancel(line, subscription, MONTHLY, "extra")
    gone = line.products(subscription)["extra"]
    assert (gone.status, gone.ended_at) == ("canceled", line.order(order).history[-1].at)
    assert line.event_types_of(waits.id) == ["product.canceled"]
    line.report("first_usage", subscription, country="DE")
    line.move_to(cycle_end(line, subscription, MONTHLY) + MINUTE)
    assert line.order(order).status == "completed"
    assert line.event_types_of(waits.id) == ["product.canceled"]


def test_if_none_has_started_it_is_fulfilled_at_once(line: Timeline, subscription: str) -> None:
    top_up(line, subscription, "extra", "first_usage")
    top_up(line, subscription, "extra 2", "first_usage")
    line.network = "busy"
    order = cancel(line, subscription, "extra", "extra 2", status="fulfilling")
    assert statuses(line, subscription)["extra"] == "pending"
    line.network = "accepts"
    line.rest()
    assert line.order(order).status == "completed"
    assert [statuses(line, subscription)[name] for name in ("extra", "extra 2")] == ["canceled", "canceled"]


def test_the_waiting_order_holds_nothing_up(line: Timeline, subscription: str) -> None:
    """The add-on renews at its date, though the order decided on the plan's end before, and waits for another's."""
    late = top_up(line, subscription, "messages")
    order = cancel(line, subscription, MONTHLY, "messages")
    renewal = cycle_end(line, subscription, EXTRA)
    assert late.end_at is not None
    line.move_to(late.end_at - MINUTE)
    extra = line.products(subscription)[EXTRA]
    assert line.order(order).status == "scheduled"
    assert (extra.cycle, extra.billing_cycle_end_at) == (1, renewal)
    line.move_to(renewal + MINUTE)
    extra = line.products(subscription)[EXTRA]
    assert (extra.cycle, extra.billing_cycle_end_at) == (2, after(renewal, 1))
    assert line.order(order).status == "completed"


def test_it_is_the_last_of_what_is_due_at_one_instant(line: Timeline, subscription: str) -> None:
    """Though it was accepted first: the plan change at the same end has its turn before it."""
    end = cycle_end(line, subscription, MONTHLY)
    canceled = cancel(line, subscription, MONTHLY)
    changed = line.place(bodies.plan_change(subscription, "monthly too", schedule=bodies.AT_CYCLE_END))
    line.network = "busy"
    line.move_to(end + MINUTE)
    assert [line.order(order).status for order in (changed, canceled)] == ["fulfilling", "scheduled"]
    line.network = "accepts"
    line.rest()
    assert [line.order(order).status for order in (changed, canceled)] == ["completed", "completed"]
    completed = [line.order(order).completed_at for order in (changed, canceled)]
    assert completed == sorted(completed, key=str)
    assert statuses(line, subscription) == {MONTHLY: "terminated", EXTRA: "active", "monthly too": "active"}


@pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
def test_a_product_that_ended_before_is_not_a_fault(line: Timeline, subscription: str, mode: str) -> None:
    """Not even if all of them have: the order completes at the last of the ends that it fixed."""
    end = cycle_end(line, subscription, EXTRA)
    order = cancel(line, subscription, EXTRA)
    product = line.products(subscription)[EXTRA]
    status, _ = line.act(f"/products/{product.id}/cancel", {"cancellation_mode": mode})
    assert status == 200
    line.move_to(end - MINUTE)
    assert line.order(order).status == "scheduled"
    assert statuses(line, subscription)[EXTRA] == ("canceled" if mode == "immediate" else "active")
    line.move_to(end + MINUTE)
    assert line.order(order).status == "completed"


def test_products_ended_by_their_release_are_no_fault_of_a_cancellation_on_a_date(line: Timeline) -> None:
    subscription = line.subscribe()
    product = top_up(line, subscription, "extra")
    day = (line.world.now + 5 * DAY).date()
    schedule = {"mode": "specific_date", "effective_at": day.isoformat()}
    order = line.place(bodies.products_cancellation(subscription, product.id, schedule=schedule))
    line.act(f"/products/{product.id}/cancel", {"cancellation_mode": "immediate"})
    line.move_to(line.world.now + 6 * DAY)
    assert line.order(order).status == "completed"


@pytest.mark.parametrize("network", ["rejects", "silent"])
def test_what_has_ended_stays_ended_if_the_order_fails(line: Timeline, subscription: str, network: str) -> None:
    order = cancel(line, subscription, MONTHLY, EXTRA)
    line.network = network
    line.move_to(cycle_end(line, subscription, EXTRA) + MINUTE)
    assert line.order(order).status == "failed"
    assert set(statuses(line, subscription).values()) == {"terminated"}


def test_a_late_clock_changes_nothing(line: Timeline, subscription: str) -> None:
    ends = {name: cycle_end(line, subscription, name) for name in (MONTHLY, EXTRA)}
    order = cancel(line, subscription, MONTHLY, EXTRA)
    line.skip_to(max(ends.values()) + 40 * DAY)
    line.world.run_clock()
    line.rest()
    assert line.order(order).status == "completed"
    assert {name: product.ended_at for name, product in line.products(subscription).items()} == ends


def test_it_is_accepted_while_another_order_has_the_lock(line: Timeline, subscription: str) -> None:
    """A scheduled order takes its lock when its date has come."""
    line.network = "busy"
    line.place(bodies.swap(subscription))
    cancel(line, subscription, EXTRA)
    line.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END))


def test_a_suspended_subscription_takes_it(line: Timeline, subscription: str) -> None:
    line.act(f"/subscriptions/{subscription}/suspend")
    order = cancel(line, subscription, EXTRA)
    line.move_to(cycle_end(line, subscription, EXTRA) + MINUTE)
    assert line.order(order).status == "completed"
