"""What stops a deployment, and what a removal leaves behind."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from moto import mock_aws

from infra import check, removal
from infra.app import add_stacks
from infra.asset_contents import ROOT
from infra.functions import ORDER_DOORS
from infra.names import CDK_JSON
from infra.stage import stage_of
from tests.infra.template import Synthesized, Template, synthesized, target

LATER = ("events.answers", "events.changes", "events.clock", "events.reports", "network.simulated")
"""What nobody waits for."""
REGION = "eu-central-1"
FIXED = {
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
}
"""What must not have the name of another one of its kind, and the property with its name."""


def test_what_is_kept_blocks_no_later_deployment(synthesized: Synthesized) -> None:
    """``make deploy`` takes over logs with names that are known before; nothing else that is kept has one."""
    for name, resource in synthesized.template.resources.items():
        if resource.get("DeletionPolicy", "Delete") == "Delete" or resource["Type"] not in FIXED:
            continue
        given = resource["Properties"].get(FIXED[resource["Type"]])
        new_each_time = given is None or "ApiGateway" in str(given)
        assert new_each_time or (resource["Type"] == "AWS::Logs::LogGroup" and isinstance(given, str)), name
    assert "--import-existing-resources" in (ROOT / "Makefile").read_text()


def test_a_finding_stops_a_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(_stage: str, directory: str) -> App:
        app = App(outdir=directory)
        s3.Bucket(Stack(app, "careless"), "Bucket")
        return app

    monkeypatch.setattr(check, "build", build)
    monkeypatch.setattr(check, "lint", lambda _paths: "W0000 something\n")
    assert check.main("dev", str(tmp_path)) == 1
    printed = capsys.readouterr().out
    assert "AwsSolutions-S10: careless/Bucket" in printed
    assert "W0000 something" in printed


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bucket of a deployed stage, with something in it."""
    with mock_aws():
        storage = boto3.client("s3", region_name=REGION)
        storage.create_bucket(Bucket="failed", CreateBucketConfiguration={"LocationConstraint": REGION})
        storage.put_object(Bucket="failed", Key="aws/lambda/1", Body=b"{}")
        monkeypatch.setattr(removal, "outputs", lambda _stack: {"FailedChanges": "failed"})
        yield SimpleNamespace(keys=lambda: storage.list_objects_v2(Bucket="failed")["KeyCount"])


@pytest.mark.parametrize(("stage", "left"), [("dev", 0), ("prod", 1)])
def test_a_removal_empties_what_would_stop_it(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, stage: str, left: int
) -> None:
    monkeypatch.setenv("CONFIRM", stage)
    assert removal.main(stage) == 0
    assert bucket.keys() == left


def test_nothing_is_removed_unless_somebody_names_the_stage(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFIRM", raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    assert removal.main("dev") == 1
    assert bucket.keys() == 1


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Staging, if its releases take over step by step, all of its functions from snapshots."""
    stages = json.loads(CDK_JSON.read_text())["context"]["stages"]
    chosen = {"canary": True, "snap_start": "all", "memory": 512}
    app = App(outdir=str(tmp_path_factory.mktemp("canary")), context={"aws:cdk:bundling-stacks": []})
    add_stacks(app, stage_of({"staging": stages["staging"] | chosen}, "staging"))
    return synthesized(app)


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.resources.values()}


def test_staging_has_what_dev_has_under_its_own_name(canary: Synthesized, dev: Template) -> None:
    """So what is tested of dev holds for it; settings of its own need tests of their own (``STAGES``)."""
    stages = json.loads(CDK_JSON.read_text())["context"]["stages"]
    assert stages["staging"] == stages["dev"]
    assert canary.template.functions().keys() == dev.functions().keys()
    assert kinds(canary.template) >= kinds(dev)
    assert "mobile-orders-dev" not in json.dumps(canary.template.content)


def test_a_new_version_of_an_order_door_takes_over_step_by_step(canary: Synthesized) -> None:
    template = canary.template
    groups = template.of("CodeDeploy::DeploymentGroup")
    shifted = {
        target(resource["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]): name
        for name, resource in template.resources.items()
        if resource["Type"] == "AWS::Lambda::Alias" and "UpdatePolicy" in resource
    }
    assert shifted.keys() == groups.keys()
    modules = {template.function_behind(alias)["Handler"].removesuffix(".handler") for alias in shifted.values()}
    assert modules == set(ORDER_DOORS)
    for group in groups.values():
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"


def test_an_alarm_brings_the_old_version_back(canary: Synthesized) -> None:
    alarms = canary.template.of("CloudWatch::Alarm")
    for group in canary.template.of("CodeDeploy::DeploymentGroup").values():
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["AlarmConfiguration"]["Enabled"]
        watched = {alarms[target(alarm["Name"])]["MetricName"] for alarm in group["AlarmConfiguration"]["Alarms"]}
        assert watched == {"5XXError", "Errors"}


def test_a_careful_stage_has_no_findings_and_fits(canary: Synthesized) -> None:
    assert check.nag(canary.app) == {}
    assert len(canary.template.resources) <= 340
    functions = canary.template.functions()
    assert {function["MemorySize"] for function in functions.values()} == {512}
    asynchronous = {module for module, function in functions.items() if "SnapStart" not in function}
    assert asynchronous == {f"functions.{name}" for name in LATER}


def test_releases_take_over_at_once_unless_a_stage_says_otherwise(synthesized: Synthesized) -> None:
    assert not synthesized.template.of("CodeDeploy::DeploymentGroup")
