"""What waits at the end of a plan's cycle for the order that was scheduled for it (contract §6, time)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.lifecycle.renewals import MINUTE, change_at_cycle_end, started, top_up
from tests.support import bodies
from tests.support.timeline import Timeline, after


class TestPlanChange:
    """A change of the plan at the end of its cycle, with an add-on that renews at that very moment."""

    @pytest.fixture
    def subscription(self, line: Timeline) -> str:
        return line.subscribe("monthly extra")

    def test_while_it_is_carried_out(self, line: Timeline, subscription: str, end: datetime) -> None:
        order = change_at_cycle_end(line, subscription)
        line.network = "busy"
        line.move_to(end + MINUTE)
        line.report("usage", subscription, allowance_type="data", amount=1, country="DE")
        assert line.order(order).status == "fulfilling"
        for name in ("monthly", "monthly extra"):
            held = line.products(subscription)[name]
            assert (held.status, held.cycle, held.billing_cycle_end_at) == ("active", 1, end)
            assert line.event_types_of(held.id) == ["product.active"]

    def test_when_it_is_done(self, line: Timeline, subscription: str, end: datetime) -> None:
        order = change_at_cycle_end(line, subscription)
        line.move_to(end + MINUTE)
        assert line.order(order).status == "completed"
        old, new, extra = (line.products(subscription)[name] for name in ("monthly", "monthly too", "monthly extra"))
        assert line.event_types_of(old.id) == ["product.active", "product.terminated"]
        assert old.ended_at == new.started_at
        assert new.started_at is not None
        assert end <= new.started_at <= end + MINUTE
        assert new.billing_cycle_end_at == after(new.started_at, 1)
        assert (extra.cycle, extra.billing_cycle_end_at) == (2, after(end, 1))
        assert line.event_types_of(extra.id) == ["product.active", "product.renewed"]

    @pytest.mark.parametrize("network", ["rejects", "silent"])
    @pytest.mark.parametrize("months", [0, 2])
    def test_when_it_fails(self, line: Timeline, subscription: str, end: datetime, network: str, months: int) -> None:
        """Also if that is only known months later: each renewal is made up, as of its own date."""
        order = change_at_cycle_end(line, subscription)
        line.network = "busy"
        line.move_to(end + MINUTE)
        line.skip_to(after(end, months) + 2 * MINUTE)
        line.network = network
        line.rest()
        line.move_to(after(end, months) + 9 * MINUTE)
        assert line.order(order).status == "failed"
        for name in ("monthly", "monthly extra"):
            renewed = line.products(subscription)[name]
            assert (renewed.status, renewed.cycle, renewed.end_at) == ("active", 2 + months, None)
            assert renewed.billing_cycle_end_at == after(end, 1 + months)
            assert line.event_types_of(renewed.id) == ["product.active", *["product.renewed"] * (1 + months)]

    def test_usage_meanwhile_is_of_the_old_cycle(self, line: Timeline, subscription: str, end: datetime) -> None:
        change_at_cycle_end(line, subscription)
        line.network = "busy"
        line.move_to(end + MINUTE)
        line.report("usage", subscription, allowance_type="data", amount=5, country="DE")
        assert sum(held.balances[0].spent for held in line.products(subscription).values()) == 5
        line.network = "rejects"
        line.rest()
        line.move_to(end + 9 * MINUTE)
        assert sum(held.balances[0].spent for held in line.products(subscription).values()) == 0


@pytest.mark.parametrize(
    ("network", "order_status", "plans"),
    [
        ("accepts", "completed", {"30 days": "terminated", "monthly": "active"}),
        ("rejects", "failed", {"30 days": "terminated"}),
    ],
)
def test_a_plan_that_does_not_recur_waits_with_its_end(
    line: Timeline, network: str, order_status: str, plans: dict[str, str]
) -> None:
    subscription = line.subscribe(plan="30 days")
    end = started(line, subscription, "30 days") + timedelta(days=30)
    order = change_at_cycle_end(line, subscription, "monthly")
    line.network = network
    line.move_to(end + 9 * MINUTE)
    assert line.order(order).status == order_status
    products = line.products(subscription)
    assert {name: product.status for name, product in products.items()} == plans
    old = products["30 days"]
    assert old.end_at == end
    assert old.ended_at == (end if network == "rejects" else products["monthly"].started_at)
    assert line.event_types_of(old.id) == ["product.active", "product.terminated"]


def test_a_cancellation_at_the_cycles_end(line: Timeline) -> None:
    subscription = line.subscribe("monthly extra")
    end = after(started(line, subscription, "monthly"), 1)
    order = line.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END))
    line.move_to(end - MINUTE)
    assert line.subscription(subscription).status == "active"
    line.move_to(end + MINUTE)
    assert (line.order(order).status, line.subscription(subscription).status) == ("completed", "canceled")
    for product in line.products(subscription).values():
        assert line.event_types_of(product.id) == ["product.active", "product.terminated"]
        assert product.ended_at == line.subscription(subscription).ended_at


def test_a_cancellation_on_a_day_holds_up_only_what_comes_after(line: Timeline) -> None:
    subscription = line.subscribe()
    end = after(started(line, subscription, "monthly"), 1)
    day = (end + timedelta(days=5)).date().isoformat()
    schedule = {"mode": "specific_date", "effective_at": day}
    line.place(bodies.cancellation(subscription, schedule=schedule))
    line.move_to(end + MINUTE)
    assert line.products(subscription)["monthly"].billing_cycle_end_at == after(end, 1)
    line.move_to(end + timedelta(days=5))
    published = line.event_types_of(line.products(subscription)["monthly"].id)
    assert published == ["product.active", "product.renewed", "product.terminated"]


def test_products_are_canceled_each_at_its_own_cycles_end(line: Timeline) -> None:
    subscription = line.subscribe()
    first = after(started(line, subscription, "monthly"), 1)
    line.move_to(first - timedelta(days=20))
    top_up(line, subscription, "monthly extra")
    second = after(started(line, subscription, "monthly extra"), 1)
    names = ("monthly", "monthly extra")
    ids = [line.products(subscription)[name].id for name in names]
    order = line.place(bodies.products_cancellation(subscription, *ids, schedule=bodies.AT_CYCLE_END))
    for moment, statuses, order_status in (
        (first - MINUTE, ["active", "active"], "scheduled"),
        (first + MINUTE, ["terminated", "active"], "scheduled"),
        (second + MINUTE, ["terminated", "terminated"], "completed"),
    ):
        line.move_to(moment)
        products = line.products(subscription)
        assert [products[name].status for name in names] == statuses
        assert line.order(order).status == order_status
    assert products["monthly"].ended_at == first
    assert [line.event_types_of(product_id)[1:] for product_id in ids] == [["product.terminated"]] * 2
    assert line.subscription(subscription).open_products == []


@pytest.mark.parametrize(
    "body",
    [
        lambda subscription, _plan: bodies.cancellation(subscription),
        lambda subscription, _plan: bodies.plan_change(subscription, "monthly too"),
        bodies.products_cancellation,
    ],
    ids=["cancellation", "plan change", "products"],
)
def test_the_end_of_a_cycle_that_the_clock_has_not_seen_yet(
    line: Timeline, body: Callable[[str, str], dict[str, Any]]
) -> None:
    """It is the end that the order means; the plan is not renewed first."""
    subscription = line.subscribe()
    plan = line.products(subscription)["monthly"]
    end = after(started(line, subscription, "monthly"), 1)
    line.skip_to(end + timedelta(seconds=20))
    order = line.place(body(subscription, plan.id) | {"schedule": bodies.AT_CYCLE_END})
    line.move_to(end + MINUTE)
    assert line.order(order).status == "completed"
    assert line.event_types_of(plan.id) == ["product.active", "product.terminated"]


class TestTheLock:
    """A top-up is being carried out when the date comes."""

    def top_up(self, line: Timeline, subscription: str, end: datetime) -> str:
        """Accepted just before the end of the cycle, and not yet answered by the network at the end."""
        line.network = "busy"
        line.move_to(end - MINUTE)
        return top_up(line, subscription, "extra")

    def test_it_is_waited_for(self, line: Timeline, subscription: str, end: datetime) -> None:
        order = change_at_cycle_end(line, subscription)
        topup = self.top_up(line, subscription, end)
        line.move_to(end + 5 * MINUTE)
        plan = line.products(subscription)["monthly"]
        assert (line.order(order).status, plan.billing_cycle_end_at) == ("scheduled", end)
        line.network = "accepts"
        line.rest()
        line.move_to(end + 9 * MINUTE)
        assert [line.order(each).status for each in (topup, order)] == ["completed", "completed"]
        published = [line.event_types_of(line.products(subscription)[name].id) for name in ("monthly", "monthly too")]
        assert published == [["product.active", "product.terminated"], ["product.active"]]

    def test_the_partner_cancels_the_order_meanwhile(self, line: Timeline, subscription: str, end: datetime) -> None:
        order = change_at_cycle_end(line, subscription)
        self.top_up(line, subscription, end)
        line.move_to(end + 5 * MINUTE)
        status, answer = line.act(f"/orders/{order}/cancel")
        assert (status, answer["status"]) == (200, "canceled")
        line.move_to(end + 6 * MINUTE)
        plan = line.products(subscription)["monthly"]
        assert (plan.status, plan.cycle, plan.billing_cycle_end_at) == ("active", 2, after(end, 1))
        assert line.event_types_of(plan.id) == ["product.active", "product.renewed"]


def test_orders_for_one_date_have_their_turns_as_they_were_accepted(line: Timeline) -> None:
    """Whichever of them the clock sees first: nobody is sold a plan by an order that comes after the cancellation."""
    for _ in range(3):
        subscription = line.subscribe()
        end = after(started(line, subscription, "monthly"), 1)
        canceled = line.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END))
        changed = change_at_cycle_end(line, subscription)
        line.move_to(end + 3 * MINUTE)
        assert line.order(canceled).status == "completed"
        assert line.order(changed).status == "canceled"
        assert line.products(subscription).keys() == {"monthly"}
