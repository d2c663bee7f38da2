"""Many scheduled orders on one subscription: how many it takes, and how they have their turns (contract §2)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.orders.schedule import MAX_SCHEDULED
from functions.shared.transaction import Transaction
from tests.support import bodies
from tests.support.timeline import Timeline

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SOME = 6


@pytest.fixture
def subscription(line: Timeline) -> str:
    """One with a plan and a few add-ons."""
    return line.subscribe(*["messages"] * (SOME - 1))


@pytest.fixture
def full(line: Timeline) -> str:
    """One with a plan and 39 add-ons."""
    found = line.subscribe(*["messages"] * 30)
    line.place(bodies.topup(found, *["messages"] * 9))
    return found


def product_ids(line: Timeline, subscription: str) -> list[str]:
    return [product.id for product in line.subscription(subscription).open_products]


def on_day(line: Timeline, days: int = 2) -> dict[str, str]:
    return {"mode": "specific_date", "effective_at": (line.world.now + days * DAY).date().isoformat()}


def cancellation(line: Timeline, subscription: str, product_id: str, days: int = 2) -> dict[str, Any]:
    """The body of an order that cancels a product in some days."""
    return bodies.products_cancellation(subscription, product_id, schedule=on_day(line, days))


def place_all(line: Timeline, subscription: str) -> list[str]:
    """Orders for one day, one for each product."""
    orders = []
    for product_id in product_ids(line, subscription):
        status, answer = line.world.post("/orders", cancellation(line, subscription, product_id))
        assert status == 201, answer
        orders.append(answer["id"])
    line.rest()
    return orders


def faults(answer: tuple[int, dict[str, Any]]) -> list[tuple[str, str]]:
    status, body = answer
    assert status == 400, body
    return [(fault["code"], fault["pointer"]) for fault in body["errors"]]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many items each transaction writes."""
    written: list[int] = []
    commit = Transaction.commit

    def counting(change: Transaction) -> None:
        commit(change)
        written.append(len(change._writes) + len(change._events))

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "commit", counting)
        yield written


class TestLimits:
    """Each product in one scheduled cancellation, one cancellation, one plan change, 40 orders."""

    def test_the_41st(self, line: Timeline, full: str) -> None:
        orders = place_all(line, full)
        assert len(orders) == MAX_SCHEDULED == 40
        body = {"subscription_id": full, "schedule": on_day(line)}
        refused = line.world.post("/orders/cancel-subscription", body)
        assert faults(refused) == [("order_already_scheduled", "$.schedule")]
        line.place(bodies.swap(full))
        assert line.act(f"/orders/{orders[0]}/cancel")[0] == 200
        assert line.world.post("/orders/cancel-subscription", body)[0] == 201

    def test_a_product_that_another_one_names(self, line: Timeline, subscription: str) -> None:
        first, second, third, *_ = product_ids(line, subscription)
        for product_id in (first, third):
            assert line.world.post("/orders", cancellation(line, subscription, product_id))[0] == 201
        body = cancellation(line, subscription, second, days=3) | {"product_ids": [second, third, first]}
        expected = [("order_already_scheduled", f"$.product_ids[{position}]") for position in (1, 2)]
        assert faults(line.world.post("/orders", body)) == expected
        at_cycle_end = body | {"schedule": bodies.AT_CYCLE_END}
        assert faults(line.world.post("/orders", at_cycle_end)) == expected

    def test_the_same_product_at_once_is_fine(self, line: Timeline, subscription: str) -> None:
        product_id, *_ = product_ids(line, subscription)
        later = line.place(cancellation(line, subscription, product_id))
        line.place(bodies.products_cancellation(subscription, product_id))
        assert product_id not in product_ids(line, subscription)
        line.move_to(line.world.now + 3 * DAY)
        assert line.order(later).status == "completed"

    def test_a_scheduled_order_is_accepted_while_others_run(self, line: Timeline, subscription: str) -> None:
        line.network = "busy"
        line.place(bodies.swap(subscription))
        assert line.world.post("/orders", cancellation(line, subscription, "none"))[0] == 400
        product_id, *_ = product_ids(line, subscription)
        assert line.world.post("/orders", cancellation(line, subscription, product_id))[0] == 201
        now = cancellation(line, subscription, product_id)
        del now["schedule"]
        assert faults(line.world.post("/orders", now)) == [("order_in_progress", "$.subscription_id")]


def test_40_for_one_date_follow_each_other(line: Timeline, full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order in which they were accepted, each with the writes of an order that waits for nobody."""
    orders = place_all(line, full)
    line.skip_to(line.world.now + 3 * DAY)
    with counted(monkeypatch) as written:
        line.world.run_clock()
        line.rest()
    assert {line.order(order).status for order in orders} == {"completed"}
    ends = [line.order(order).completed_at for order in orders]
    assert ends == sorted(ends, key=str)
    of_one_order = 3  # released, prepared, completed
    assert len(written) == of_one_order * len(orders)


def test_nothing_is_written_while_they_wait_for_the_lock(
    line: Timeline, subscription: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = place_all(line, subscription)
    line.network = "busy"
    line.skip_to(line.world.now + 3 * DAY)
    line.world.run_clock()
    line.rest()
    assert Counter(line.order(order).status for order in orders) == {"fulfilling": 1, "scheduled": SOME - 1}
    line.skip_to(line.world.now + MINUTE)
    line.world.run_clock()  # publishes once that the first one is late
    with counted(monkeypatch) as written:
        for _ in range(3):
            line.skip_to(line.world.now + MINUTE)
            line.world.run_clock()
    assert written == []


def test_the_clock_lets_the_next_one_go_if_nobody_else_did(line: Timeline, subscription: str) -> None:
    """The stream's record of the end of the order before it is lost."""
    first, second, *_ = product_ids(line, subscription)
    orders = [line.place(cancellation(line, subscription, product_id)) for product_id in (first, second)]
    line.network = "busy"
    line.skip_to(line.world.now + 3 * DAY)
    line.world.run_clock()
    line.rest()
    line.world.executions.send_task_success(taskToken=orders[0], output="{}")
    (execution,) = line.world.executions.in_state("complete")
    line.world.hear(execution, line.world.run_step(execution, "complete"))
    line.world.undelivered.clear()
    line.network = "accepts"
    line.world.run_clock()
    line.rest()
    assert [line.order(order).status for order in orders] == ["completed", "completed"]


@pytest.mark.parametrize("by", ["the partner", "the operator"])
def test_all_of_them_are_canceled_when_the_subscription_ends(
    line: Timeline, subscription: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each record of the stream, so that none causes more work than it can finish."""
    orders = place_all(line, subscription)
    if by == "the partner":
        line.world.post("/orders/cancel-subscription", {"subscription_id": subscription})
        while line.subscription(subscription).status == "active":
            line.world.deliver(0, 100)
            for execution in line._runnable():
                line._step(execution)
    else:
        line.world.network_reports("terminated", id="the end", subscription_id=subscription)
    with counted(monkeypatch) as written:
        while line.world.undelivered:
            before = len(written)
            line.world.deliver(0, 1)
            assert len(written) <= before + 1
    line.rest()
    assert {line.order(order).status for order in orders} == {"canceled"}
    assert {line.order(order).history[-1].reason for order in orders} == {"subscription_ended"}
    kept = line.subscription(subscription)
    assert (kept.lock.scheduled, kept.due_at) == ([], None)


def test_an_order_still_accepted_when_its_subscription_ends(line: Timeline, subscription: str) -> None:
    product_id, *_ = product_ids(line, subscription)
    _, answer = line.world.post("/orders", cancellation(line, subscription, product_id))
    (accepted,) = [record for record in line.world.undelivered if _is_order(record)]
    line.world.undelivered.clear()
    line.report("terminated", subscription)
    assert [entry.status for entry in line.order(answer["id"]).history] == ["accepted", "scheduled", "canceled"]
    line.world.undelivered.append(accepted)
    line.rest()
    assert line.order(answer["id"]).status == "canceled"


def test_the_clock_cancels_what_nobody_else_did(line: Timeline, subscription: str) -> None:
    """The stream's records are lost, all of them."""
    orders = place_all(line, subscription)
    line.world.network_reports("terminated", id="the end", subscription_id=subscription)
    for _ in orders:
        line.world.undelivered.clear()
        line.world.run_clock()
    assert {line.order(order).status for order in orders} == {"canceled"}
    assert line.subscription(subscription).due_at is None


def _is_order(record: dict[str, Any]) -> bool:
    return bool(record["dynamodb"]["NewImage"]["kind"]["S"] == "order")
