"""The table in AWS is the one that the tests and the system on one machine use."""

import pytest

from infra.table import DEFINITION
from tests.infra.template import Template


@pytest.mark.parametrize("part", sorted(DEFINITION.keys() - {"StreamSpecification", "AttributeDefinitions"}))
def test_the_table_is_as_its_definition_says(template: Template, part: str) -> None:
    assert template.one("DynamoDB::Table")[part] == DEFINITION[part]


def test_the_attributes_are_those_of_the_definition(template: Template) -> None:
    def by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
        return sorted(definitions, key=lambda each: each["AttributeName"])

    attributes = template.one("DynamoDB::Table")["AttributeDefinitions"]
    assert by_name(attributes) == by_name(DEFINITION["AttributeDefinitions"])


def test_the_stream_carries_what_the_definition_says(template: Template) -> None:
    stream = template.one("DynamoDB::Table")["StreamSpecification"]
    assert stream == {"StreamViewType": DEFINITION["StreamSpecification"]["StreamViewType"]}


def test_the_table_is_encrypted_and_can_be_restored(template: Template) -> None:
    table = template.one("DynamoDB::Table")
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_production_keeps_its_data(prod: Template) -> None:
    assert prod.one("DynamoDB::Table")["DeletionProtectionEnabled"]
    assert prod.one("Cognito::UserPool")["DeletionProtection"] == "ACTIVE"
    for kind in ("DynamoDB::Table", "Cognito::UserPool", "Logs::LogGroup", "S3::Bucket", "SecretsManager::Secret"):
        for name in prod.of(kind):
            assert prod.resources[name]["DeletionPolicy"] == "RetainExceptOnCreate", name
