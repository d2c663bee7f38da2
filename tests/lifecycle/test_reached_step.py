"""An order that is being fulfilled says how far it is, whatever its type and its end (contract §2, Steps)."""

from typing import Any

import pytest

from functions.shared.transaction import Transaction
from tests.lifecycle.keyed_requests import ORDERS, activation
from tests.support.timeline import ESIMS, Timeline

BEFORE_THE_END = [("prepare", "prepare", False), ("provision", "provision", True)]
"""Where the state machine stands, what the order says, and whether it was prepared."""


def place(line: Timeline, body: dict[str, Any]) -> str:
    """The id of an order whose execution has begun, and goes no step further."""
    line.halted = True
    return line.place(body)


def seen(line: Timeline, order_id: str) -> list[tuple[str, str | None, bool]]:
    """What a partner sees of it before each step, and in the end."""
    execution = line.world.executions.by_name[order_id]
    stands = [stand(line, execution.state, order_id)]
    while execution.status == "RUNNING":
        line._step(execution)
        stands.append(stand(line, execution.state, order_id))
    return stands


def stand(line: Timeline, state: str, order_id: str) -> tuple[str, str | None, bool]:
    order = line.world.get(f"/orders/{order_id}")
    (listed,) = line.world.get("/orders?limit=1")["_embedded"]["orders"]
    assert order.items() >= listed.items()
    assert ("reached_step" in order) == (order["status"] == "fulfilling")
    return state, order.get("reached_step"), "prepared_at" in order


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_that_is_completed(line: Timeline, name: str) -> None:
    order_id = place(line, ORDERS[name](line))
    assert line.world.get(f"/orders/{order_id}")["status"] == "fulfilling"
    assert seen(line, order_id) == [*BEFORE_THE_END, ("complete", "provision", True), ("SUCCEEDED", None, True)]
    told = {event.type: event.data["order"] for event in line.events_of(order_id)}
    assert [told["order.fulfilling"].get(name) for name in ("reached_step", "prepared_at")] == ["prepare", None]
    assert told["order.completed"]["prepared_at"] == line.world.get(f"/orders/{order_id}")["prepared_at"]


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_that_is_undone(line: Timeline, name: str) -> None:
    body = ORDERS[name](line)
    line.network = "rejects"
    assert seen(line, place(line, body)) == [*BEFORE_THE_END, ("undo", "provision", True), ("SUCCEEDED", None, True)]


def test_an_order_that_cannot_be_prepared(line: Timeline) -> None:
    for _ in range(ESIMS):
        line.subscribe()
    order_id = place(line, activation())
    assert seen(line, order_id) == [BEFORE_THE_END[0], ("undo", "prepare", False), ("SUCCEEDED", None, False)]


def test_an_order_that_waits(line: Timeline) -> None:
    order_id = place(line, activation(on_hold_condition="porting"))
    assert stand(line, "", order_id) == ("", None, False)
    line.act(f"/orders/{order_id}/resume")
    assert stand(line, "", order_id) == ("", "prepare", False)


def test_an_order_that_an_earlier_version_has_prepared(line: Timeline) -> None:
    order_id = place(line, activation())
    line._step(line.world.executions.by_name[order_id])
    change, order = Transaction(), line.order(order_id)
    order.prepared_at = None
    change.update(order)
    change.commit()
    assert stand(line, "", order_id) == ("", "provision", False)
