"""Who may do what: the page that says it, whom the roles trust, and what the resources themselves say."""

from collections.abc import Callable, Iterator
from typing import Any

from functions.network.interface import NETWORK, ORDERS
from infra.access import SAY_FOR_WHOM
from infra.bus import SIMULATED_NETWORK
from tests.infra import permissions
from tests.infra.template import Synthesized, Template, as_list, target, texts

HERE = {"Ref": "AWS::AccountId"}


def test_the_page_says_who_may_do_what(synthesize: Callable[[str], Synthesized]) -> None:
    stages = {stage: synthesize(stage).template for stage in ("dev", "prod")}
    assert permissions.PAGE.read_text() == permissions.page(stages)


def test_only_the_operators_commands_write_whose_a_client_is(template: Template) -> None:
    (clients,) = (name for name in template.of("DynamoDB::Table") if name.startswith("Clients"))
    uses = {
        action
        for role in template.of("IAM::Role")
        for statement in template.statements(role)
        if any(clients in texts(resource) for resource in as_list(statement["Resource"]))
        for action in as_list(statement["Action"])
    }
    assert uses == {"dynamodb:GetItem"}


def test_roles_are_taken_on_behalf_of_this_account_alone(template: Template) -> None:
    for role, made in template.of("IAM::Role").items():
        (trust,) = made["AssumeRolePolicyDocument"]["Statement"]
        if trust["Principal"]["Service"] in SAY_FOR_WHOM:
            assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": HERE}}, role
        else:
            assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}, role


def test_a_service_is_let_in_only_for_something_of_ours(template: Template) -> None:
    allowed = [each for each in _allowed_services(template) if "Condition" not in each]
    assert allowed == []
    assert all(permission["SourceArn"] for permission in template.of("Lambda::Permission").values())


def test_the_buses_keep_their_sources_for_those_whose_they_are(dev: Template) -> None:
    changes = target(dev.functions()["functions.events.changes"]["Role"])
    network = target(dev.functions()[SIMULATED_NETWORK.module]["Role"])
    (machines,) = {target(machine["RoleArn"]) for machine in dev.of("StepFunctions::StateMachine").values()}
    assert _denied(dev) == {
        ("mobile-orders-dev-events", ORDERS, (changes,)),
        ("mobile-orders-dev-network", ORDERS, (changes, machines)),
        ("mobile-orders-dev-network", NETWORK, (network,)),
    }


def _denied(template: Template) -> set[tuple[str, str, tuple[str, ...]]]:
    return {
        (
            policy["EventBusName"],
            policy["Statement"]["Condition"]["StringEquals"]["events:source"],
            tuple(sorted(map(target, as_list(policy["Statement"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])))),
        )
        for policy in template.of("Events::EventBusPolicy").values()
    }


def _allowed_services(template: Template) -> Iterator[dict[str, Any]]:
    kinds = {"SQS::QueuePolicy": "PolicyDocument", "SNS::TopicPolicy": "PolicyDocument", "KMS::Key": "KeyPolicy"}
    for kind, document in kinds.items():
        for made in template.of(kind).values():
            yield from (each for each in made[document]["Statement"] if "Service" in each["Principal"])
