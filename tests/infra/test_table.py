"""The tables in AWS are those that the tests and the system on one machine use."""

from typing import Any

import pytest

from infra import clients, table
from tests.infra.template import Template

DEFINITIONS = {"Orders": table.DEFINITION, "Clients": clients.DEFINITION}
PARTS = [
    (name, part)
    for name, definition in DEFINITIONS.items()
    for part in sorted(definition.keys() - {"StreamSpecification", "AttributeDefinitions"})
]


def made(template: Template, name: str) -> dict[str, Any]:
    """The properties of one of the tables."""
    (found,) = (each for key, each in template.of("DynamoDB::Table").items() if name in key)
    return found


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_a_table_is_as_its_definition_says(template: Template, name: str, part: str) -> None:
    assert made(template, name)[part] == DEFINITIONS[name][part]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_attributes_are_those_of_the_definition(template: Template, name: str) -> None:
    def by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
        return sorted(definitions, key=lambda each: each["AttributeName"])

    attributes = made(template, name)["AttributeDefinitions"]
    assert by_name(attributes) == by_name(DEFINITIONS[name]["AttributeDefinitions"])


def test_the_stream_carries_what_the_definition_says(template: Template) -> None:
    stream = made(template, "Orders")["StreamSpecification"]
    assert stream == {"StreamViewType": table.DEFINITION["StreamSpecification"]["StreamViewType"]}
    assert "StreamSpecification" not in made(template, "Clients")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_tables_are_encrypted_and_can_be_restored(template: Template, name: str) -> None:
    properties = made(template, name)
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert properties["SSESpecification"] == {"SSEEnabled": True}


def test_only_the_orders_end_by_themselves(template: Template) -> None:
    assert made(template, "Orders")["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert "TimeToLiveSpecification" not in made(template, "Clients")


def test_production_keeps_its_data(prod: Template) -> None:
    assert all(each["DeletionProtectionEnabled"] for each in prod.of("DynamoDB::Table").values())
    assert prod.one("Cognito::UserPool")["DeletionProtection"] == "ACTIVE"
    for kind in ("DynamoDB::Table", "Cognito::UserPool", "Logs::LogGroup", "S3::Bucket", "SecretsManager::Secret"):
        for name in prod.of(kind):
            assert prod.resources[name]["DeletionPolicy"] == "RetainExceptOnCreate", name
