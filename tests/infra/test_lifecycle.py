"""The state machines: the definition that also runs on one machine, with nothing but what its steps need."""

import json
from typing import Any

import pytest

from functions.orders.execution_task import Superseded
from functions.orders.failures import REJECTED
from functions.orders.kind import StepRefused
from infra.state_machines import lifecycle, undoing
from tests.infra.template import Template, as_list, target, texts

FOR_LOGS_AND_TRACES = ("logs:", "xray:")
PATIENCE_SECONDS = 120
"""An outage of two minutes must not undo what the network has done."""


def machines(template: Template) -> dict[str, dict[str, Any]]:
    """Comment → properties."""
    found = template.of("StepFunctions::StateMachine").values()
    return {json.loads(machine["DefinitionString"])["Comment"]: machine for machine in found}


def test_the_machines_are_as_their_definitions_say(template: Template) -> None:
    deployed = machines(template)
    assert deployed.keys() == {lifecycle()["Comment"], undoing()["Comment"]}
    for definition, names in ((lifecycle(), {"TaskFunctionArn", "NetworkBusName"}), (undoing(), {"TaskFunctionArn"})):
        machine = deployed[definition["Comment"]]
        assert json.loads(machine["DefinitionString"]) == definition
        assert machine["DefinitionSubstitutions"].keys() == names
        assert machine.get("StateMachineType", "STANDARD") == "STANDARD"


def test_the_second_machine_only_undoes() -> None:
    """It begins where the first one goes after an error, with what that one would have made of it."""
    whole, part = lifecycle()["States"], undoing()
    assert part["StartAt"] == "Undo"
    assert part["States"] == {name: whole[name] for name in ("Undo", "NeedsRepair")}


@pytest.mark.parametrize("machine", [lifecycle(), undoing()])
def test_every_state_is_reached(machine: dict[str, Any]) -> None:
    """AWS refuses a definition in which one is not."""
    states = machine["States"]
    named = {machine["StartAt"]} | {state["Next"] for state in states.values() if "Next" in state}
    named |= {catcher["Next"] for state in states.values() for catcher in state.get("Catch", [])}
    assert named == set(states)


@pytest.mark.parametrize("step", ["Prepare", "Provision", "Complete", "Undo"])
def test_steps_are_tried_again_for_minutes(step: str) -> None:
    """With full jitter each pause is anything up to its limit, so together they last about half of their limits."""
    state = lifecycle()["States"][step]
    *never, again = state["Retry"]
    assert all(retrier["MaxAttempts"] == 0 for retrier in never)
    assert again["ErrorEquals"] == ["States.ALL"]
    assert again["JitterStrategy"] == "FULL"
    limits = [
        min(again["IntervalSeconds"] * again["BackoffRate"] ** attempt, again["MaxDelaySeconds"])
        for attempt in range(again["MaxAttempts"])
    ]
    assert limits[0] <= 5
    assert sum(limits) / 2 > 2 * PATIENCE_SECONDS
    spread = sum(limit**2 / 12 for limit in limits) ** 0.5
    assert sum(limits) / 2 - 2 * spread > PATIENCE_SECONDS


def test_what_would_not_help_is_not_tried_again() -> None:
    """Not a refusal of ours, and nothing that the network says or fails to say; but every failure to ask it."""
    refusals = [StepRefused.__name__, Superseded.__name__]
    never = {
        name: state["Retry"][0]["ErrorEquals"] for name, state in lifecycle()["States"].items() if "Retry" in state
    }
    assert never == {
        "Prepare": refusals,
        "Provision": [REJECTED, "States.Timeout"],
        "Complete": refusals,
        "Undo": ["States.ALL"],
    }


def test_its_log_holds_errors_and_no_data(template: Template) -> None:
    for machine in machines(template).values():
        assert machine["LoggingConfiguration"]["Level"] == "ERROR"
        assert not machine["LoggingConfiguration"].get("IncludeExecutionData", False)
        assert machine["TracingConfiguration"] == {"Enabled": True}


def test_it_may_call_the_task_function_and_speak_on_the_bus(template: Template) -> None:
    (role,) = {target(machine["RoleArn"]) for machine in machines(template).values()}
    allowed = {
        action: statement["Resource"]
        for statement in template.statements(role)
        for action in as_list(statement["Action"])
        if not action.startswith(FOR_LOGS_AND_TRACES)
    }
    fulfil = template.functions()["functions.orders.execution_task"]
    assert allowed.keys() == {"lambda:InvokeFunction", "events:PutEvents"}
    assert list(texts(allowed["events:PutEvents"]))[-1].endswith("-network")
    assert template.function_behind(target(allowed["lambda:InvokeFunction"])) == fulfil
