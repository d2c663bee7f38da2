"""Two runs of a step at once: the slower one finds what the quicker one has done, and nothing counts as a failure."""

from typing import Any

import pytest

from functions.orders import execution_task
from functions.shared import table
from functions.subscriptions import store as subscriptions
from infra.local.patches import replaced
from tests.lifecycle.keyed_requests import ORDERS
from tests.support.timeline import Timeline

ACTIVATE = "activate-subscription"
STEPS = [("prepare", ACTIVATE), *(("complete", door) for door in ORDERS), ("undo", ACTIVATE)]
PATIENCE_SECONDS = 5.0
"""The slower run begins again."""


@pytest.mark.parametrize(("step", "door"), STEPS)
def test_a_step_is_overtaken_between_its_reads(line: Timeline, step: str, door: str) -> None:
    body = ORDERS[door](line)
    line.network = "busy"
    line.halted = step == "prepare"
    execution = line.world.executions.by_name[line.place(body)]
    execution.failed_step, execution.error = "provision", {"Error": "States.Timeout", "Cause": ""}
    event = execution.event(step) | {"provisioned": {}}
    read = subscriptions.up_to_date
    answers: list[Any] = []

    def overtaken(*args: Any) -> Any:
        if not answers:
            answers.append(None)
            answers.append(execution_task.handler(event, None))
        return read(*args)

    patient = replaced(table, "PATIENCE_SECONDS", lambda _: PATIENCE_SECONDS)
    with patient, replaced(subscriptions, "up_to_date", lambda _: overtaken):
        assert execution_task.handler(event, None) == answers[1]
