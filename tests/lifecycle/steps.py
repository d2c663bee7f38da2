"""The steps of an execution, run one by one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.orders import execution_task
from functions.orders.kind import StepRefused
from functions.orders.order import Order
from functions.shared import clock
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from infra.local.patches import replaced
from tests.support.executions import Execution
from tests.support.timeline import Timeline

SILENT = {"failed_step": "provision", "error": {"Error": "States.Timeout", "Cause": ""}}
NOT_PREPARED = {"failed_step": "prepare", "error": {"Error": "ConnectionError", "Cause": ""}}


def begin(line: Timeline, body: dict[str, Any]) -> Execution:
    """The execution of a new order, which goes no step further by itself."""
    line.halted = True
    return line.world.executions.by_name[line.place(body)]


def run(line: Timeline, execution: Execution, step: str, **more: Any) -> Any:
    answer = execution_task.handler(execution.event(step) | more, None)
    line.world.look()
    return answer


def refusal(line: Timeline, execution: Execution, step: str, **more: Any) -> dict[str, str]:
    """What a step says that is refused; it leaves nothing behind."""
    before = line.order(execution.order_id)
    with pytest.raises(StepRefused) as refused:
        run(line, execution, step, **more)
    assert line.order(execution.order_id) == before
    return dict(json.loads(str(refused.value)))


def suspend(line: Timeline, subscription_id: str) -> None:
    status, _ = line.act(f"/subscriptions/{subscription_id}/suspend")
    assert status == 200


@contextmanager
def passing_time(line: Timeline) -> Iterator[None]:
    """Let some time pass between any two looks at the clock."""

    def now() -> datetime:
        line.world.now += timedelta(milliseconds=1)
        return line.world.now

    with replaced(clock, "now", lambda _now: now):
        yield


def written_in(line: Timeline, work: Callable[[], Any]) -> set[str | None]:
    """The moments that a change gives to the records that it writes, but for its events."""
    before = dict(line.world.items)
    with passing_time(line):
        work()
    changed = [item for place, item in line.world.items.items() if item is not before.get(place)]
    kept = [item for kind in (Order, Subscription, SimProfile) for item in line.world.of_kind(kind.KIND)]
    places = {(item["pk"], item["sk"]) for item in changed}
    return {item.get("updated_at") or item["created_at"] for item in kept if (item["pk"], item["sk"]) in places}
