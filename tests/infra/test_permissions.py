"""Least privilege: what each function may do, and that nothing may do anything to everything."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from functions.routes import ROUTES, module_of
from infra.webhooks import SENDER
from tests.infra.template import Template, as_list, target, texts

READS = {"dynamodb:BatchGetItem", "dynamodb:GetItem"}
WRITES = READS | {"dynamodb:DeleteItem", "dynamodb:PutItem"}
LISTS = READS | {"dynamodb:Query", "secretsmanager:GetSecretValue"}
STARTS = {"states:StartExecution"}
FOLLOWS = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
FINDS = {"functions.subscribers.read", "functions.subscribers.write", "functions.subscriptions.read"}
"""The doors that write or look for keys of personal data."""
OPENS_CODES = "functions.sim_profiles.read_secret_codes"
MAKES_WEBHOOKS = "functions.webhooks.write"
TAKES = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
EVERYONE = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
WORKERS = {
    "functions.not_found": set(),
    "functions.identity.authorizer": {"dynamodb:GetItem"},
    "functions.orders.execution_task": WRITES | {"dynamodb:Query", "secretsmanager:GetSecretValue"},
    "functions.events.changes": WRITES
    | STARTS
    | FOLLOWS
    | {"dynamodb:Query", "events:PutEvents", "s3:ListBucket", "s3:PutObject", "sqs:SendMessage"},
    "functions.events.clock": WRITES
    | STARTS
    | {"dynamodb:Query", "dynamodb:UpdateItem", "sqs:SendMessage", "states:DescribeExecution"},
    "functions.events.answers": WRITES | {"states:SendTaskFailure", "states:SendTaskSuccess", "sqs:SendMessage"},
    "functions.events.reports": WRITES | {"sqs:SendMessage"},
    SENDER: WRITES | TAKES | {"dynamodb:Query", "kms:Decrypt", "sqs:SendMessage"},
    "functions.network.simulated": {"events:PutEvents", "sqs:SendMessage"},
}
KIND = "kms:EncryptionContext:kind"
SEALING = [
    (OPENS_CODES, "kms:Decrypt", {"Null": {KIND: "true"}}),
    (SENDER, "kms:Decrypt", {"StringEquals": {KIND: "webhook"}}),
    (MAKES_WEBHOOKS, "kms:GenerateDataKey", {"StringEquals": {KIND: "webhook"}}),
    (MAKES_WEBHOOKS, "kms:Decrypt", {"StringEquals": {KIND: "answer"}}),
    (MAKES_WEBHOOKS, "kms:GenerateDataKey", {"StringEquals": {KIND: "answer"}}),
]
"""Who may do what with the key, for which kind of secret; PINs and PUKs have none in their context."""
WITHOUT_RESOURCES = {
    "X-Ray": re.compile(r"xray:(Put|GetSampling)"),
    "log delivery, which Step Functions sets up": re.compile(
        r"logs:(\w+LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)"
    ),
}
"""Where AWS has no resource to name."""


def test_workers_may_do_what_they_are_for(template: Template) -> None:
    for module in template.functions().keys() & WORKERS.keys():
        assert template.allowed(module).keys() - EVERYONE == WORKERS[module], module


def test_reading_doors_cannot_write(template: Template) -> None:
    for module in template.functions().keys() - WORKERS.keys():
        routes = [route for route in ROUTES if module_of(route) == module]
        needed: set[str] = set()
        for route in routes:
            if route.scope:
                needed |= WRITES if route.method != "GET" else READS
            if route.operation.startswith("list_"):
                needed |= LISTS
        if module in FINDS:
            needed |= {"secretsmanager:GetSecretValue"}
        needed |= {action for door, action, _ in SEALING if door == module}
        if module == "functions.webhooks.redeliver":
            needed |= {"dynamodb:Query"}
        assert template.allowed(module).keys() - EVERYONE == needed, module


def test_no_request_starts_anything(template: Template) -> None:
    for module in {*map(module_of, ROUTES)} - {SENDER}:
        assert not [action for action in template.allowed(module) if action.startswith(("states:", "events:", "sqs:"))]


def test_each_kind_of_secret_is_opened_where_it_is_needed_and_nowhere_else(template: Template) -> None:
    (key,) = (name for name, made in template.of("KMS::Key").items() if "PINs" in made.get("Description", ""))
    uses = [
        (role, action, statement["Condition"], *as_list(statement["Resource"]))
        for role, statement in _statements(template)
        for action in as_list(statement["Action"])
        if action.startswith("kms:")
    ]
    expected = [
        (target(template.functions()[module]["Role"]), action, condition, {"Fn::GetAtt": [key, "Arn"]})
        for module, action, condition in SEALING
    ]
    assert sorted(uses, key=str) == sorted(expected, key=str)


def test_each_secret_is_for_those_who_need_it(template: Template) -> None:
    secrets = template.of("SecretsManager::Secret")
    (search,) = (name for name, made in secrets.items() if "ICCID" in made["Description"])
    readers: dict[str, set[str]] = {name: set() for name in secrets}
    for module in template.functions():
        for resource in template.allowed(module).get("secretsmanager:GetSecretValue", ()):
            readers[target(resource)].add(module)
    assert readers.pop(search) == FINDS | {"functions.orders.execution_task"}
    (listing,) = readers.values()
    assert listing == {module_of(route) for route in ROUTES if route.operation.startswith("list_")}


def test_whose_a_client_is_only_the_authorizer_reads_and_nobody_writes(template: Template) -> None:
    """The operator's command writes it, with the operator's own rights."""
    (clients,) = (name for name in template.of("DynamoDB::Table") if "Clients" in name)
    uses = [(role, statement) for role, statement in _statements(template) if clients in str(statement["Resource"])]
    authorizer = template.functions()["functions.identity.authorizer"]["Role"]
    assert [(role, as_list(statement["Action"])) for role, statement in uses] == [
        (target(authorizer), ["dynamodb:GetItem"])
    ]
    assert {target(each) for each in template.allowed("functions.identity.authorizer")["dynamodb:GetItem"]} == {clients}


def test_the_clock_reads_only_the_index_of_what_is_due(template: Template) -> None:
    (index,) = template.allowed("functions.events.clock")["dynamodb:Query"]
    assert "".join(texts(index)).endswith("/index/due")


def test_only_the_clock_undoes_and_asks_how_executions_stand(template: Template) -> None:
    machines = {target(reference) for reference in template.allowed("functions.events.clock")["states:StartExecution"]}
    assert machines == set(template.of("StepFunctions::StateMachine"))
    (lifecycle,) = template.allowed("functions.events.changes")["states:StartExecution"]
    definition = template.of("StepFunctions::StateMachine")[target(lifecycle)]["DefinitionString"]
    assert json.loads(definition)["StartAt"] == "Prepare"


def test_nothing_is_allowed_on_everything(template: Template) -> None:
    for role, statement in _statements(template):
        if "*" in as_list(statement["Resource"]):
            for action in as_list(statement["Action"]):
                assert any(known.match(action) for known in WITHOUT_RESOURCES.values()), (role, action)


def test_no_action_is_a_wildcard(template: Template) -> None:
    assert not [
        (role, action)
        for role, statement in _statements(template)
        for action in as_list(statement["Action"])
        if "*" in action
    ]


def test_only_the_gateways_log_role_has_a_policy_of_aws(template: Template) -> None:
    managed = [text for role in template.of("IAM::Role").values() for text in texts(role.get("ManagedPolicyArns", []))]
    names = [text.rpartition("/")[2] for text in managed if "/" in text]
    assert names == ["AmazonAPIGatewayPushToCloudWatchLogs"]


@pytest.mark.parametrize("kind", ["IAM::Policy", "IAM::ManagedPolicy", "IAM::User"])
def test_roles_say_all_that_they_allow(template: Template, kind: str) -> None:
    assert not template.of(kind)


def _statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for role in template.of("IAM::Role"):
        for statement in template.statements(role):
            yield role, statement
