"""The stack as a whole: its size, the linters' opinion, the stages that there can be."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from pydantic import ValidationError

from functions.routes import SCOPES
from infra.app import add_stacks
from infra.asset_contents import ROOT
from infra.check import lint, nag
from infra.operator import deployed
from infra.stage import stage_of
from tests.infra.template import Synthesized, Template, synthesized, texts

MAX_RESOURCES = 300
"""Of all stacks of a stage together; CloudFormation takes 500 in each."""
SMALL = {
    "keep_data": False,
    "log_retention": "ONE_DAY",
    "network": "external",
    "tiers": {"standard": {"rate": 100, "burst": 200}},
}
OWN_NAMES: dict[str, Any] = {
    "domain": {
        "name": "api.example.com",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/one",
        "hosted_zone": {"id": "Z1", "name": "example.com"},
    },
    "identity": {
        "issuer": "https://id.example.com",
        "jwks_url": "https://id.example.com/keys",
        "token_url": "https://id.example.com/token",
        "audience": "https://api.example.com",
        "client_claim": "azp",
        "scope_claim": "scp",
    },
    "alarm_email": "operations@example.com",
}


CLAIMS = ("AUDIENCE", "CLIENT_CLAIM", "SCOPE_CLAIM")


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


def test_a_stage_may_bring_its_own_domain_and_issuer(tmp_path: Path) -> None:
    template = _synthesize(SMALL | OWN_NAMES, tmp_path)
    assert not template.of("Cognito::UserPool")
    about = template.functions()["functions.about"]["Environment"]["Variables"]
    assert about["TOKEN_URL"] == "https://id.example.com/token"
    authorizer = template.functions()["functions.identity.authorizer"]["Environment"]["Variables"]
    assert authorizer["ISSUER"] == "https://id.example.com"
    assert [authorizer[name] for name in CLAIMS] == ["https://api.example.com", "azp", "scp"]
    assert template.functions()["functions.orders.read"]["Environment"]["Variables"]["PUBLIC_URL"] == (
        "https://api.example.com"
    )
    assert template.one("Route53::RecordSet")["Name"] == "api.example.com."
    domain = template.one("ApiGateway::DomainName")
    assert domain["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert domain["EndpointAccessMode"] == "STRICT"
    api = template.one("ApiGateway::RestApi")
    assert api["DisableExecuteApiEndpoint"] is True
    assert api["Body"]["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": True}
    assert template.one("SNS::Subscription")["Endpoint"] == "operations@example.com"


def test_where_partners_have_different_limits_each_learns_its_own(tmp_path: Path) -> None:
    gold = {"gold": {"rate": 500, "burst": 900}}
    template = _synthesize(SMALL | {"tiers": {"standard": {"rate": 100, "burst": 200}} | gold}, tmp_path)
    authorizer = template.functions()["functions.identity.authorizer"]["Environment"]["Variables"]
    assert json.loads(authorizer["TIER_RATES"]) == {"standard": 100, "gold": 500}
    limited = template.one("ApiGateway::RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]["THROTTLED"]
    assert limited["responseParameters"]["gatewayresponse.header.x-rate-limit-limit"] == "context.authorizer.rate"


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "imaginary"},
        {"log_retention": "SOMETIMES"},
        {"tiers": {"gold": {"rate": 1, "burst": 1}}},
        {"tiers": {"standard": {"rate": 0, "burst": 1}}},
        {"identity": OWN_NAMES["identity"] | {"issuer": "http://id.example.com"}},
        {"keep_date": True},
    ],
)
def test_a_malformed_stage_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        stage_of({"small": SMALL | wrong}, "small")


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="no stage 'large'"):
        stage_of({"small": SMALL}, "large")


def _synthesize(settings: dict[str, object], directory: Path) -> Template:
    app = App(outdir=str(directory), context={"aws:cdk:bundling-stacks": []})
    add_stacks(app, stage_of({"small": settings}, "small"))
    return synthesized(app).template
