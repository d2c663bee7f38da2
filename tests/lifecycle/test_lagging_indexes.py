"""In AWS an index lags behind its table: lists and the clock act on what the record says now (docs/architecture.md)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from functions.events.clock import KINDS
from functions.shared import clock
from functions.shared.marshal import marshal
from functions.shared.records import due_shard
from functions.sim_profiles.sim_profile import luhn_digit
from infra.operator import sims
from infra.operator.sim_entries import PhysicalSimEntry
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.store import DEFINITION
from tests.support.timeline import Timeline

AS_IT_WAS = "orders-as-the-indexes-see-them"
Item = dict[str, Any]
DAY = timedelta(days=1)


@contextmanager
def lagging(line: Timeline, *more: Item) -> Iterator[None]:
    """Let every index answer as it would now, with ``more`` items, whatever is written to the table from here on."""
    client, store = boto3.client("dynamodb"), line.world.store
    client.create_table(TableName=AS_IT_WAS, **DEFINITION)
    for item in (*line.world.items.values(), *more):
        client.put_item(TableName=AS_IT_WAS, Item=marshal(item))

    def late(query: Callable[..., Any]) -> Callable[..., Any]:
        return lambda **asked: query(**asked | ({"TableName": AS_IT_WAS} if "IndexName" in asked else {}))

    query, paginator = store.query, store.get_paginator
    store.query = late(query)
    store.get_paginator = lambda name: SimpleNamespace(paginate=late(paginator(name).paginate))
    try:
        yield
    finally:
        store.query, store.get_paginator = query, paginator
        client.delete_table(TableName=AS_IT_WAS)


def shown(line: Timeline, path: str) -> list[str]:
    """The ids on a list's first page."""
    (items,) = line.world.get(path)["_embedded"].values()
    return [item["id"] for item in items]


def activate(line: Timeline, **fields: Any) -> str:
    """The id of an activation that waits or is under way."""
    return line.place(line.activation(**fields))


def cancel_tomorrow(line: Timeline, subscription_id: str) -> str:
    schedule = {"mode": "specific_date", "effective_at": (line.world.now + DAY).date().isoformat()}
    return line.place(bodies.cancellation(subscription_id, schedule=schedule))


def reserve(line: Timeline) -> str:
    """The id of a new reservation, or of the same once more."""
    status, profile = line.act("/sim-profiles/reserve", {"activation_code": "CODE-1"})
    assert status == 201
    return str(profile["reservation_id"])


class TestLists:
    """What an entry leads to is shown as it is now, or not at all."""

    def test_an_order_that_has_left_the_status(self, line: Timeline) -> None:
        subscription_id = line.subscribe()
        order_id = cancel_tomorrow(line, subscription_id)
        with lagging(line):
            assert shown(line, "/orders?status=scheduled") == [order_id]
            assert line.act(f"/orders/{order_id}/cancel")[0] == 200
            assert shown(line, "/orders?status=scheduled") == []
            (order,) = line.world.get(f"/orders?subscription-id={subscription_id}&limit=1")["_embedded"]["orders"]
            assert (order["id"], order["status"]) == (order_id, "canceled")

    def test_orders_without_a_filter_do_not_lag(self, line: Timeline) -> None:
        with lagging(line):
            order_id = activate(line, on_hold_condition="porting")
            assert shown(line, "/orders") == [order_id]
            assert shown(line, "/orders?status=on_hold") == []

    def test_a_subscription_and_its_products_that_have_changed_since(self, line: Timeline) -> None:
        subscription_id = line.subscribe()
        with lagging(line):
            line.act(f"/subscriptions/{subscription_id}/suspend")
            line.place(bodies.cancellation(subscription_id))
            for name in ("subscriptions?", f"products?subscription-id={subscription_id}&"):
                assert shown(line, f"/{name}status=active") == []
            for name, status in (("subscriptions", "canceled"), ("products", "terminated")):
                (item,) = line.world.get(f"/{name}?status={status}")["_embedded"][name]
                assert item["status"] == status

    def test_a_subscription_that_is_gone(self, line: Timeline) -> None:
        line.network = "busy"
        subscription_id = line.order(activate(line)).subscription_id
        with lagging(line):
            assert shown(line, "/subscriptions") == [subscription_id]
            line.network = "rejects"
            line.rest()
            assert shown(line, "/subscriptions") == []


class TestClock:
    """What was due is handled only if it still is."""

    @pytest.fixture
    def tick(self, line: Timeline) -> Callable[[timedelta], None]:
        """The clock comes after a while, and finds nothing to do."""

        def tick(after: timedelta) -> None:
            line.skip_to(line.world.now + after)
            before, executions = deepcopy(line.world.items), set(line.world.executions.by_name)
            line.world.run_clock()
            assert line.world.items == before
            assert set(line.world.executions.by_name) == executions

        return tick

    def test_a_scheduled_order_that_was_canceled(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        order_id = cancel_tomorrow(line, line.subscribe())
        with lagging(line):
            line.act(f"/orders/{order_id}/cancel")
            tick(2 * DAY)

    def test_an_order_on_hold_that_was_resumed(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        order_id = activate(line, on_hold_condition="porting")
        with lagging(line):
            line.act(f"/orders/{order_id}/resume")
            tick(31 * DAY)
        assert line.order(order_id).status == "completed"

    def test_an_order_in_fulfilment_that_is_due_later_by_now(
        self, line: Timeline, tick: Callable[[timedelta], None]
    ) -> None:
        order_id = activate(line, on_hold_condition="porting")
        line.skip_to(line.world.now + 30 * DAY)
        with lagging(line):
            line.world.post(f"/orders/{order_id}/resume", None)
            tick(timedelta(0))
        order = line.order(order_id)
        assert order.due_at is not None
        assert (order.status, order.due_at > line.world.now) == ("fulfilling", True)

    def test_a_subscription_that_has_ended(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        subscription_id = line.subscribe("extra")
        with lagging(line):
            line.place(bodies.cancellation(subscription_id))
            tick(40 * DAY)

    def test_a_sim_that_the_network_has_freed(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        line.network = "silent"
        order = line.order(activate(line))
        (held,) = (item for item in line.world.of_kind("sim_profile") if item["status"] == "reserved")
        assert held["due_at"]
        with lagging(line):
            line.world.network_says("deprovisioning.succeeded", {"partner": PARTNER, "order_id": order.id})
            tick(2 * DAY)
        assert {item["status"] for item in line.world.of_kind("sim_profile")} == {"in_stock"}

    @pytest.mark.parametrize("since", ["prolonged", "held"])
    def test_a_reservation(self, line: Timeline, tick: Callable[[timedelta], None], since: str) -> None:
        digits = "894921000000000000"
        sims.load(PARTNER, [PhysicalSimEntry(iccid=digits + luhn_digit(digits), activation_code="CODE-1")])
        reservation_id = reserve(line)
        line.skip_to(line.world.now + DAY / 2)
        with lagging(line):
            if since == "prolonged":
                assert reserve(line) == reservation_id
            else:
                chosen = {"sim_type": "psim", "reservation_id": reservation_id}
                activate(line, sim_profile=chosen, on_hold_condition="porting")
            tick(DAY * 3 / 4)
        (sim,) = (item for item in line.world.of_kind("sim_profile") if item["sim_type"] == "psim")
        assert (sim["status"], sim["reservation_id"]) == ("reserved", reservation_id)

    def test_a_report_that_was_taken(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        line.network = "busy"
        subscription_id = line.order(activate(line)).subscription_id
        usage: Item = {"allowance_type": "data", "amount": 7, "country": "DE"}
        line.report("usage", subscription_id, **usage)
        with lagging(line):
            line.network = "accepts"
            line.rest()
            line.world.run_clock()
            (plan,) = line.products(subscription_id).values()
            assert [balance.spent for balance in plan.balances] == [7]
            tick(DAY)

    def test_records_that_are_gone(self, line: Timeline, tick: Callable[[timedelta], None]) -> None:
        due = {"due_shard": due_shard(3), "due_at": clock.iso(line.world.now)}
        with lagging(line, *({"pk": f"{PARTNER}#gone", "sk": kind} | due for kind in KINDS)):
            tick(timedelta(0))
