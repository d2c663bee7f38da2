"""The causes of the alarms on what the functions measure themselves: each makes it happen on a time line."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.events import clock as clock_function
from functions.orders import execution_task
from functions.shared import clock
from functions.webhooks import attempts
from functions.webhooks.delivery import Attempt, Delivery
from functions.webhooks.webhook import RESTS_AFTER
from tests.support.builders import PARTNER
from tests.support.endpoints import Endpoints
from tests.support.timeline import Timeline

Cause = Callable[[Timeline, pytest.MonkeyPatch], None]
MINUTE = timedelta(minutes=1)


def break_step(patch: pytest.MonkeyPatch, step: str) -> None:
    """Let a step fail in an unexpected way."""

    def fail(_event: Any) -> Any:
        raise ConnectionError("gone")

    patch.setitem(execution_task.STEPS, step, fail)


def run_step(line: Timeline, step: str, times: int = 1) -> None:
    """The step of the only execution that runs fails like that; then the state machine gives up."""
    (execution,) = line.world.executions.in_state(step)
    for _ in range(times):
        with pytest.raises(ConnectionError):
            line.world.run_step(execution, step)
    execution.failed("ConnectionError", "")


def orders_that_the_network(network: str, count: int) -> Cause:
    """So many orders of which the network makes the same."""

    def place(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
        line.network = network
        for _ in range(count):
            line.place(line.activation())

    return place


def a_step_that_fails_for_good(line: Timeline, patch: pytest.MonkeyPatch) -> None:
    line.halted = True
    line.place(line.activation())
    with patch.context() as while_broken:
        break_step(while_broken, "prepare")
        run_step(line, "prepare")
    line.halted = False
    line.rest()


def functions_that_fail(line: Timeline, patch: pytest.MonkeyPatch) -> None:
    line.halted = True
    line.place(line.activation())
    break_step(patch, "prepare")
    run_step(line, "prepare", times=3)


def an_order_without_an_end(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
    line.network = "busy"
    line.place(line.activation())
    line.skip_to(line.world.now + 5 * MINUTE)
    line.world.run_clock()


def an_order_that_cannot_be_undone(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
    line.network = "busy"
    order = line.place(line.activation())
    line.halted = True
    for name in (order, f"{order}.undo"):
        line.world.executions.by_name[name].state = "FAILED"
        line.skip_to(line.world.now + 5 * MINUTE)
        line.world.run_clock()


def a_clock_that_cannot_begin(line: Timeline, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "now", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        line.world.run_clock()


def a_heartbeat_that_does_not_arrive(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
    clock_function.handler({"heartbeat": True}, None)
    line.world.look()


def the_last_esims(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
    line.place(line.activation())


def an_endpoint_that_is_down(line: Timeline, _patch: pytest.MonkeyPatch) -> None:
    """The three events of an order come seven times each, in less than the five days after which it is disabled."""
    Endpoints(line.world).make()
    line.place(line.activation())
    deliveries = [delivery["id"] for delivery in line.world.of_kind(Delivery.KIND)]
    for delivery in deliveries * (1 + RESTS_AFTER // len(deliveries)):
        line.skip_to(line.world.now + timedelta(hours=5))
        claimed = attempts.claim(PARTNER, delivery)
        assert claimed is not None
        attempts.record(claimed, Attempt(number=0, at=line.world.now, duration_ms=1, error="timeout"), timedelta())


CAUSES: Mapping[str, Cause] = {
    "orders-failing": orders_that_the_network("rejects", 5),
    "order-failed-internally": a_step_that_fails_for_good,
    "network-silent": orders_that_the_network("silent", 3),
    "no-order-completed": an_order_without_an_end,
    "needs-repair": an_order_that_cannot_be_undone,
    "clock-silent": a_clock_that_cannot_begin,
    "stream-silent": a_heartbeat_that_does_not_arrive,
    "functions-failing": functions_that_fail,
    "esims-low": the_last_esims,
    "webhooks-resting": an_endpoint_that_is_down,
}
"""Signal → what makes it ring."""
