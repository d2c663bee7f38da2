"""The state machine: the definition that also runs on one machine, with nothing but what its steps need."""

import json

from infra.lifecycle import DEFINITION
from tests.infra.template import Template, as_list, target

FOR_LOGS_AND_TRACES = ("logs:", "xray:")


def test_the_machine_is_as_its_definition_says(template: Template) -> None:
    machine = template.one("StepFunctions::StateMachine")
    assert json.loads(machine["DefinitionString"]) == json.loads(DEFINITION.read_text())
    assert machine["DefinitionSubstitutions"].keys() == {"FulfilFunctionArn", "BusName"}
    assert machine.get("StateMachineType", "STANDARD") == "STANDARD"


def test_its_log_holds_errors_and_no_data(template: Template) -> None:
    logging = template.one("StepFunctions::StateMachine")["LoggingConfiguration"]
    assert logging["Level"] == "ERROR"
    assert not logging.get("IncludeExecutionData", False)
    assert template.one("StepFunctions::StateMachine")["TracingConfiguration"] == {"Enabled": True}


def test_it_may_call_the_task_function_and_speak_on_the_bus(template: Template) -> None:
    role = target(template.one("StepFunctions::StateMachine")["RoleArn"])
    allowed = {
        action: target(statement["Resource"])
        for statement in template.statements(role)
        for action in as_list(statement["Action"])
        if not action.startswith(FOR_LOGS_AND_TRACES)
    }
    (bus,) = template.of("Events::EventBus")
    fulfil = template.functions()["functions.orders.fulfil"]
    assert allowed.keys() == {"lambda:InvokeFunction", "events:PutEvents"}
    assert allowed["events:PutEvents"] == bus
    assert template.of("Lambda::Function")[allowed["lambda:InvokeFunction"]] == fulfil


def test_an_order_that_needs_repair_raises_an_alarm(template: Template) -> None:
    alarms = template.of("CloudWatch::Alarm").values()
    (alarm,) = (alarm for alarm in alarms if alarm.get("MetricName") == "ExecutionsFailed")
    assert alarm["Threshold"] == 1
    assert alarm["AlarmActions"]
