"""What a stage keeps: nothing of it is replaced, whatever is deployed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from infra.data import Data
from infra.names import CDK_JSON
from infra.stage import stage_of
from tests.infra.conftest import ALARM_TOPIC
from tests.infra.template import Synthesized, Template

KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("kept.json").read_text())
"""The resources of the stage ``prod`` that hold something, with the properties whose change replaces them.

A resource that is replaced is empty. So nothing of this list is ever changed; what is new comes to it.
"""
HOLDING = (
    *("Cognito::UserPool", "Cognito::UserPoolDomain", "Cognito::UserPoolResourceServer"),
    *("DynamoDB::Table", "Events::EventBus", "KMS::Key", "Logs::LogGroup"),
    *("S3::Bucket", "S3::BucketPolicy", "SecretsManager::Secret", "SNS::Topic", "SNS::TopicPolicy"),
)
"""What holds something, or is what people connect something of their own to."""


def test_nothing_that_is_kept_would_be_replaced(synthesize: Any) -> None:
    now = _identities(synthesize("prod").data)
    assert {name: now.get(name) for name in KEPT} == KEPT


def test_all_that_is_kept_is_watched(synthesize: Any) -> None:
    """Logs come and go with their functions, each under a name of its own."""
    now = _identities(synthesize("prod").data)
    unwatched = {name: now[name] for name in now.keys() - KEPT.keys() if now[name]["Type"] != "AWS::Logs::LogGroup"}
    assert not unwatched, f"add to kept.json: {json.dumps(unwatched)}"


def test_only_the_stack_of_data_holds_something(synthesized: Synthesized) -> None:
    held = {f"AWS::{kind}" for kind in HOLDING}
    assert {resource["Type"] for resource in synthesized.data.resources.values()} == held
    elsewhere = {name: resource for name, resource in synthesized.system.resources.items() if resource["Type"] in held}
    assert [resource["Type"] for resource in elsewhere.values()] == ["AWS::Logs::LogGroup"]
    assert "API-Gateway-Execution-Logs_" in str(elsewhere)


def test_a_stage_that_keeps_its_data_keeps_it_when_a_stack_goes(synthesize: Any) -> None:
    prod: Synthesized = synthesize("prod")
    passing = {"AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy", "AWS::Events::EventBus"}
    clients = {"AWS::Cognito::UserPoolDomain", "AWS::Cognito::UserPoolResourceServer"}
    for name, resource in prod.data.resources.items():
        if resource["Type"] not in passing | clients and not name.startswith("MonitoringKey"):
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
            assert resource["UpdateReplacePolicy"] == "Retain", name
    for stack in prod.app.synth().stacks:
        assert stack.termination_protection


def test_a_stage_for_trials_leaves_nothing_behind(dev: Template) -> None:
    policies = {resource["Type"]: resource.get("DeletionPolicy") for resource in dev.resources.values()}
    assert policies["AWS::DynamoDB::Table"] == policies["AWS::KMS::Key"] == policies["AWS::Logs::LogGroup"] == "Delete"


def test_the_data_depends_on_nothing_and_is_deployed_first(synthesized: Synthesized) -> None:
    assert "Fn::ImportValue" not in str(synthesized.data.content)
    data, system = synthesized.app.synth().stacks
    assert data.id in {dependency.id for dependency in system.dependencies}


def test_exports_have_names_that_stay(synthesized: Synthesized) -> None:
    """An automatic one would vanish with its last use, which CloudFormation refuses while the other stack has it."""
    outputs = synthesized.data.content["Outputs"].values()
    exports = {output["Export"]["Name"] for output in outputs if "Export" in output}
    imports = set(re.findall(r"\{'Fn::ImportValue': '([^']+)'\}", str(synthesized.system.content)))
    assert imports
    assert imports <= exports
    assert not [export for export in exports if "ExportsOutput" in export]


@pytest.mark.parametrize("kind", ["DynamoDB::Table", "Logs::LogGroup", "Cognito::UserPoolDomain"])
def test_what_replaces_is_known_of_every_kind(kind: str) -> None:
    assert _replacing(f"AWS::{kind}")


def _identities(template: Template) -> dict[str, dict[str, Any]]:
    """Return each resource's type and the properties whose change would replace it, by logical id."""
    return {
        name: {"Type": resource["Type"]}
        | {
            name: value
            for name, value in sorted(resource.get("Properties", {}).items())
            if name in _replacing(resource["Type"])
        }
        for name, resource in sorted(template.resources.items())
    }


def _replacing(kind: str) -> set[str]:
    """Return the properties of a kind whose change means replacement, from AWS's own schema."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema
    pointers = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    return {pointer.split("/")[2] for pointer in pointers}


def test_a_restored_table_takes_the_place_of_the_own_one(synthesize: Any) -> None:
    """CloudFormation imports a resource only with a change that does nothing else (docs/restore.md)."""
    usual: dict[str, Any] = synthesize("prod").data.content
    removed, imported = (_while_restoring(phase) for phase in ("removed", "imported"))
    table = {"TableOrdersB428592E": usual["Resources"]["TableOrdersB428592E"]}
    outputs = {name: usual["Outputs"][name] for name in ("TableName", "TableArn", "TableStreamArn")}
    assert imported == removed | {"Resources": removed["Resources"] | table}
    assert usual["Outputs"] == imported["Outputs"] | outputs
    assert {name: usual["Resources"][name] for name in imported["Resources"]} == imported["Resources"]
    assert (table.keys() | outputs.keys()).isdisjoint(removed["Resources"] | removed["Outputs"])


def _while_restoring(phase: str) -> dict[str, Any]:
    context = json.loads(CDK_JSON.read_text())["context"]
    stage = stage_of({"prod": context["stages"]["prod"] | {"restoring": phase, "alarm_topic": ALARM_TOPIC}}, "prod")
    app = App(context=context)
    Data(app, stage)
    (stack,) = app.synth().stacks
    return dict(json.loads(json.dumps(stack.template)))


def test_the_page_on_privacy_says_how_long_things_are_kept(synthesize: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
    told = {row.split("|")[1].strip(): row.split("|")[3] for row in page.splitlines() if row.startswith("| ")}
    prod: Synthesized = synthesize("prod")
    (rule,) = prod.data.one("S3::Bucket")["LifecycleConfiguration"]["Rules"]
    kept = {
        "changes of the table that Lambda gave up on": {rule["ExpirationInDays"]},
        "events that a function gave up on": {
            queue["MessageRetentionPeriod"] // 86_400
            for queue in prod.system.of("SQS::Queue").values()
            if "MessageRetentionPeriod" in queue
        },
        "logs": {group["RetentionInDays"] for group in prod.data.of("Logs::LogGroup").values()},
    }
    for what, days in kept.items():
        (said,) = (text for name, text in told.items() if name.startswith(what))
        assert {int(said.split()[0])} == days
