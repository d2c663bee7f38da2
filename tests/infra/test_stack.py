"""The stack as a whole: its size, the linters' opinion, the stages that there can be."""

import pytest

from functions.routes import SCOPES
from infra.asset_contents import ROOT
from infra.check import lint, nag
from infra.operator import deployed
from infra.stage import MAX_NAME, WrongStage, stage_of
from tests.infra.rich_stage import CLAIMS, OWN_NAMES, SMALL
from tests.infra.template import Synthesized, Template, texts

MAX_RESOURCES = 320
"""Of all stacks of a stage together; CloudFormation takes 500 in each."""


def test_the_stack_leaves_room_to_grow(template: Template) -> None:
    assert len(template.resources) <= MAX_RESOURCES
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert f"Together they have at most {MAX_RESOURCES} resources" in page


def test_cdk_nag_finds_nothing_unexplained(synthesized: Synthesized) -> None:
    assert nag(synthesized.app) == {}


def test_cfn_lint_finds_nothing(synthesized: Synthesized) -> None:
    assert lint(synthesized.paths) == ""


def test_the_operators_commands_find_what_they_need(synthesized: Synthesized) -> None:
    template = synthesized.data
    outputs = template.content["Outputs"]
    assert set(deployed.SETTINGS) <= set(outputs)
    assert outputs["TableName"]["Value"] == {"Ref": "TableOrdersB428592E"}
    assert outputs["ClientsTableName"]["Value"] == {"Ref": "ClientsF46959C9"}
    assert outputs["UserPoolId"]["Value"] == {"Ref": "IdentityUserPool96FE3B9B"}
    authorizer = synthesized.template.functions()["functions.identity.authorizer"]["Environment"]["Variables"]
    assert [authorizer[name] for name in CLAIMS] == ["", "client_id", "scope"], "as Cognito's tokens are"


def test_every_log_group_forgets(template: Template) -> None:
    groups = template.of("Logs::LogGroup").values()
    assert groups
    assert all(group["RetentionInDays"] <= 90 for group in groups)


def test_alarms_go_where_only_encrypted_connections_reach(template: Template) -> None:
    assert template.one("SNS::Topic")["KmsMasterKeyId"]
    assert "aws:SecureTransport" in str(template.one("SNS::TopicPolicy"))
    assert "cloudwatch.amazonaws.com" in texts(template.one("SNS::TopicPolicy"))


def test_cognito_knows_every_scope_of_the_routes(template: Template) -> None:
    servers = template.of("Cognito::UserPoolResourceServer").values()
    scopes = {f"{server['Identifier']}/{scope['ScopeName']}" for server in servers for scope in server["Scopes"]}
    assert scopes == set(SCOPES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "imaginary"},
        {"log_retention": "SOMETIMES"},
        {"tiers": {"gold": {"rate": 1, "burst": 1}}},
        {"tiers": {"standard": {"rate": 0, "burst": 1}}},
        {"identity": OWN_NAMES["identity"] | {"issuer": "http://id.example.com"}},
        {"keep_date": True},
        {"name": "s" * (MAX_NAME + 1)},
        {"network_account": "1111"},
        {"network_account": "1" * 12, "network": "simulated"},
    ],
)
def test_a_malformed_stage_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WrongStage, match=r"^cdk\.json, stage 'small': [^\n]*[^.]\.$"):
        stage_of({"small": SMALL | wrong}, "small")


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(WrongStage, match="no stage 'large'"):
        stage_of({"small": SMALL}, "large")
