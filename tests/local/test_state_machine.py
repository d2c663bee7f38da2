"""The state machine on one machine: its steps, the network's answer and the errors of functions."""

import json
import time
from typing import Any
from uuid import uuid4

from functions.network.requests import PROVISIONING
from infra.bus import SIMULATED_NETWORK
from infra.local.environment import STATE_MACHINE_ARN
from infra.local.functions import EXECUTION_TASK
from infra.local.system import System
from tests.local.calls import WAIT_SECONDS, Calls


def run(system: System, fulfil: Calls, network: Calls) -> dict[str, Any]:
    """One execution of the lifecycle; how it ended."""
    with (
        system.functions.replaced(EXECUTION_TASK, fulfil.in_place_of),
        system.functions.replaced(SIMULATED_NETWORK.module, network.in_place_of),
    ):
        started = system.aws.stepfunctions.start_execution(
            stateMachineArn=STATE_MACHINE_ARN,
            name=f"ord_{uuid4()}",
            input=json.dumps({"partner": "acme", "order_id": "ord_1"}),
        )
        system.quiesce()
    ended: dict[str, Any] = dict(system.aws.stepfunctions.describe_execution(executionArn=started["executionArn"]))
    return ended


def prepared(event: Any) -> Any:
    request = dict.fromkeys(PROVISIONING, "x")
    return {"request": request, "timeout_seconds": 10} if event["step"] == "prepare" else {}


def test_the_state_machine_runs_the_steps_and_waits_for_the_network(system: System) -> None:
    def succeed(event: Any) -> None:
        token = event["detail"]["reply_token"]
        system.aws.stepfunctions.send_task_success(taskToken=token, output="{}")

    fulfil, network = Calls(prepared), Calls(succeed)
    began = time.monotonic()
    assert run(system, fulfil, network)["status"] == "SUCCEEDED"
    assert [event["step"] for event in fulfil.given] == ["prepare", "complete"]
    assert time.monotonic() - began < WAIT_SECONDS


def test_the_state_machine_sees_the_type_of_a_functions_error(system: System) -> None:
    class StepRefused(Exception):
        pass

    def refuse(event: Any) -> Any:
        if event["step"] == "prepare":
            raise StepRefused("injected")
        return {}

    fulfil = Calls(refuse)
    assert run(system, fulfil, Calls(lambda _event: None))["status"] == "SUCCEEDED"
    assert [event["step"] for event in fulfil.given] == ["prepare", "undo"]
    assert fulfil.given[1]["error"]["Error"] == "StepRefused"
    assert "injected" in fulfil.given[1]["error"]["Cause"]
