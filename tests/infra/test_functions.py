"""What every Lambda function has in common, and that each gets exactly the settings that its code reads."""

import json
import subprocess
import sys
from typing import Any

from functions.routes import ORDER_TYPES, ROUTES, module_of
from infra.asset_contents import ROOT
from infra.gateway_body import AUTHORIZER
from infra.state_machines import lifecycle, undoing
from infra.webhooks import SENDER
from tests.infra.template import Synthesized, Template, target, texts

WORKERS = {
    "functions.not_found",
    "functions.identity.authorizer",
    "functions.orders.execution_task",
    "functions.events.changes",
    "functions.events.clock",
    "functions.events.answers",
    "functions.events.reports",
}
MONITORING = {"CloudWatch::Alarm", "CloudWatch::Dashboard"}
READ_SETTINGS = """
import importlib, json, os, sys
import aws_lambda_powertools, boto3, pydantic

def groups(model):
    return {model}.union(*map(groups, model.__subclasses__()))

def read(module, given):
    os.environ.clear()
    os.environ.update(dict.fromkeys(given, "1"), AWS_DEFAULT_REGION="eu-west-1")
    from functions.routes import ORDER_TYPES
    from functions.shared.settings import Settings
    importlib.import_module(module)
    if kinds := sys.modules.get("functions.orders.kind"):
        for order_type in ORDER_TYPES:
            kinds.kind_of(order_type)
    return sorted({field.upper() for model in groups(Settings) for field in model.model_fields})

for module, given in json.load(sys.stdin).items():
    if not os.fork():
        os.write(1, f"{json.dumps([module, read(module, given)])}\\n".encode())
        os._exit(0)
    _, status = os.wait()
    assert status == 0, module
"""
"""Each module in a process of its own with nothing but what its function is given: what is missing fails there."""


def test_every_door_and_worker_has_its_function(dev: Template, prod: Template) -> None:
    doors = {module_of(route) for route in ROUTES}
    assert set(dev.functions()) == doors | WORKERS | {"functions.network.simulated"}
    assert set(prod.functions()) == doors | WORKERS


def test_functions_run_on_arm_with_python_313_and_are_traced(template: Template) -> None:
    for function in template.functions().values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert 512 <= function["MemorySize"] <= 1024


def test_every_function_has_a_role_and_a_log_group_of_its_own(synthesized: Synthesized) -> None:
    functions = synthesized.template.functions().values()
    assert len({target(function["Role"]) for function in functions}) == len(functions)
    logs = {f"/aws/lambda/{function['FunctionName']}" for function in functions}
    assert {function["LoggingConfig"]["LogGroup"] for function in functions} == logs
    assert logs <= {group.get("LogGroupName") for group in synthesized.data.of("Logs::LogGroup").values()}


def test_everybody_calls_the_alias_of_a_functions_newest_version(template: Template) -> None:
    """So a new version can take over step by step, and an execution or a message meets one that is whole."""
    functions = template.of("Lambda::Function")
    aliases = template.of("Lambda::Alias")
    assert {alias["Name"] for alias in aliases.values()} == {"live"}
    assert sorted(target(alias["FunctionName"]) for alias in aliases.values()) == sorted(functions)
    referring = {name for name, resource in template.resources.items() if set(texts(resource)) & functions.keys()}
    kinds = {template.resources[name]["Type"].removeprefix("AWS::") for name in referring}
    assert kinds - MONITORING == {"Lambda::Alias", "Lambda::EventInvokeConfig", "Lambda::Version"}
    named = {text for name in template.resources for text in texts(template.resources[name]) if ":function:" in text}
    assert all(text.endswith(":live") or ":live/" in text for text in named), named


def test_where_snapshots_are_paid_for_those_functions_have_one_that_orders_pass(dev: Template, prod: Template) -> None:
    passed = {f"functions.orders.{name}" for name in ("place_order", "execution_task", *ORDER_TYPES)} | {AUTHORIZER}
    assert {module for module, function in prod.functions().items() if "SnapStart" in function} == passed
    assert not [module for module, function in dev.functions().items() if "SnapStart" in function]


def test_a_step_ends_before_the_state_that_waits_for_it(template: Template) -> None:
    """Otherwise two attempts at a step would run side by side."""
    states = [state for machine in (lifecycle(), undoing()) for state in machine["States"].values()]
    waits = [state["TimeoutSeconds"] for state in states if state.get("Resource") == "${TaskFunctionArn}"]
    assert len(waits) == 4
    assert template.functions()["functions.orders.execution_task"]["Timeout"] < min(waits)


def test_doors_answer_before_the_gateway_stops_waiting(template: Template) -> None:
    """The sender takes longer for the queue; for a request it has one attempt to make."""
    doors = {module_of(route) for route in ROUTES} | {"functions.not_found", "functions.identity.authorizer"}
    doors -= {SENDER}
    assert all(template.functions()[door]["Timeout"] < 29 for door in doors)


def test_functions_get_exactly_the_settings_that_their_code_reads(dev: Template, prod: Template) -> None:
    given = {module: _settings(function) for module, function in dev.functions().items()}
    command = [sys.executable, "-c", READ_SETTINGS]
    done = subprocess.run(  # noqa: S603 - our words
        command, check=True, capture_output=True, text=True, cwd=ROOT, input=json.dumps(given)
    )
    read = dict(map(json.loads, done.stdout.splitlines()))
    assert given == read
    assert all(_settings(function) == read[module] for module, function in prod.functions().items())


def _settings(function: dict[str, Any]) -> list[str]:
    return sorted(name for name in function["Environment"]["Variables"] if not name.startswith(("AWS_", "POWERTOOLS_")))
