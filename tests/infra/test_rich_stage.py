"""A stage that has every setting."""

import json

import pytest

from functions.network.interface import NETWORK
from tests.infra.alarms import alarms
from tests.infra.rich_stage import CLAIMS, NAME, RICH, rich_stage
from tests.infra.template import Synthesized, Template, target, texts

LIMITS = {
    "Lambda::Function": ("FunctionName", 64),
    "StepFunctions::StateMachine": ("StateMachineName", 80),
    "WAFv2::WebACL": ("Name", 128),
    "Events::EventBus": ("Name", 256),
}
"""How long the names of a kind may be."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """What is synthesized of it, once."""
    return rich_stage(tmp_path_factory.mktemp("rich"))


@pytest.fixture
def rich(made: Synthesized) -> Template:
    """Its template."""
    return made.template


def test_a_stage_may_bring_its_own_domain_and_issuer(rich: Template) -> None:
    assert not rich.of("Cognito::UserPool")
    about = rich.functions()["functions.about"]["Environment"]["Variables"]
    assert about["TOKEN_URL"] == "https://id.example.com/token"
    authorizer = rich.functions()["functions.identity.authorizer"]["Environment"]["Variables"]
    assert authorizer["ISSUER"] == "https://id.example.com"
    assert [authorizer[name] for name in CLAIMS] == ["https://api.example.com", "azp", "scp"]
    assert rich.functions()["functions.orders.read"]["Environment"]["Variables"]["PUBLIC_URL"] == (
        "https://api.example.com"
    )
    assert rich.one("Route53::RecordSet")["Name"] == "api.example.com."
    domain = rich.one("ApiGateway::DomainName")
    assert domain["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert domain["EndpointAccessMode"] == "STRICT"
    api = rich.one("ApiGateway::RestApi")
    assert api["DisableExecuteApiEndpoint"] is True
    assert api["Body"]["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": True}
    assert rich.one("SNS::Subscription")["Endpoint"] == "operations@example.com"


def test_its_alarms_tell_the_stages_own_topic(rich: Template) -> None:
    told = {target(action) for alarm in alarms(rich).values() for action in alarm["AlarmActions"]}
    assert told == set(rich.of("SNS::Topic"))
    (low,) = (each for name, each in alarms(rich).items() if name.endswith("esims-low"))
    assert low["Threshold"] == 7


def test_where_partners_have_different_limits_each_learns_its_own(rich: Template) -> None:
    authorizer = rich.functions()["functions.identity.authorizer"]["Environment"]["Variables"]
    assert json.loads(authorizer["TIER_RATES"]) == {"standard": 100, "gold": 500}
    limited = rich.one("ApiGateway::RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]["THROTTLED"]
    assert limited["responseParameters"]["gatewayresponse.header.x-rate-limit-limit"] == "context.authorizer.rate"


def test_its_name_is_as_long_as_names_can_be(rich: Template) -> None:
    for kind, (member, longest) in LIMITS.items():
        names = [properties[member] for properties in rich.of(kind).values() if isinstance(properties[member], str)]
        assert names
        assert all(NAME in name and len(name) <= longest for name in names), kind
    assert max(len(function["FunctionName"]) for function in rich.of("Lambda::Function").values()) >= 64 - 1


def test_all_callers_together_have_a_limit(rich: Template) -> None:
    settings = rich.one("ApiGateway::Stage")["MethodSettings"]
    (everything,) = (each for each in settings if each["ResourcePath"] == "/*")
    assert everything["HttpMethod"] == "*"
    assert (everything["ThrottlingRateLimit"], everything["ThrottlingBurstLimit"]) == (3000, 4000)


def test_what_all_depend_on_has_its_own_share_of_the_account(rich: Template) -> None:
    shares = {
        module: function["ReservedConcurrentExecutions"]
        for module, function in rich.functions().items()
        if "ReservedConcurrentExecutions" in function
    }
    assert shares == {
        "functions.identity.authorizer": 4,
        "functions.orders.execution_task": 3,
        "functions.events.changes": 2,
        "functions.events.clock": 1,
    }


def test_a_firewall_stands_in_front_of_the_api(rich: Template) -> None:
    (association,) = rich.of("WAFv2::WebACLAssociation").values()
    assert "".join(texts(association["ResourceArn"])).endswith(f"/stages/{NAME}")
    rules = {rule["Name"]: rule for rule in rich.one("WAFv2::WebACL")["Rules"]}
    assert rules["rate"]["Statement"]["RateBasedStatement"]["Limit"] == 500
    assert len(rules) == 4
    assert not any(rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in rules.values())


def test_the_firewall_lets_large_bodies_and_free_text_pass(rich: Template) -> None:
    (common,) = (rule for rule in rich.one("WAFv2::WebACL")["Rules"] if rule["Name"].endswith("CommonRuleSet"))
    overrides = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    counted = {each["Name"] for each in overrides if each["ActionToUse"] == {"Count": {}}}
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "NoUserAgent_HEADER"} <= counted


def test_only_the_networks_account_speaks_as_the_network(rich: Template) -> None:
    statements = [policy["Statement"] for policy in rich.of("Events::EventBusPolicy").values()]
    (allow,) = (each for each in statements if each["Effect"] == "Allow")
    assert list(texts(allow["Principal"]))[-1] == f":iam::{RICH['network_account']}:root"
    assert allow["Condition"] == {"StringEquals": {"events:source": NETWORK}}
    others = {"StringNotEquals": {"aws:PrincipalAccount": RICH["network_account"]}}
    assert [each for each in statements if each["Condition"] == {"StringEquals": {"events:source": NETWORK}} | others]
