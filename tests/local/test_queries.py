"""moto's queries, narrowed to what they can find, must find what DynamoDB finds."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from infra.local.environment import TABLE
from infra.local.system import System

Item = dict[str, Any]


def put(system: System, name: str, **attributes: str) -> None:
    texts = {"pk": name, "sk": "test", **attributes}
    item: Any = {attribute: {"S": value} for attribute, value in texts.items()}
    system.aws.dynamodb.put_item(TableName=TABLE, Item=item)


def page(system: System, value: str, **options: Any) -> tuple[list[str], Any]:
    """The partition keys of a page of the index, and where it ended."""
    answer: Any = system.aws.dynamodb.query(
        TableName=TABLE,
        IndexName="gsi1",
        KeyConditionExpression="gsi1pk = :value",
        ExpressionAttributeValues={":value": {"S": value}},
        **options,
    )
    return [item["pk"]["S"] for item in answer["Items"]], answer.get("LastEvaluatedKey")


@pytest.fixture
def value() -> str:
    """A value of an index key that no other test uses."""
    return str(uuid4())


def test_an_item_is_found_by_what_it_says_now(system: System, value: str) -> None:
    name, other = f"item of {value}", f"not {value}"
    key = {"pk": {"S": name}, "sk": {"S": "test"}}
    put(system, name, gsi1pk=value, gsi1sk="1")
    assert page(system, value) == ([name], None)
    moved: Any = {"UpdateExpression": "SET gsi1pk = :other", "ExpressionAttributeValues": {":other": {"S": other}}}
    system.aws.dynamodb.update_item(TableName=TABLE, Key=key, **moved)
    assert (page(system, value)[0], page(system, other)[0]) == ([], [name])
    put(system, name)
    assert page(system, other)[0] == []
    put(system, name, gsi1pk=value)
    assert page(system, value)[0] == [], "it has no sort key for the index"
    put(system, name, gsi1pk=value, gsi1sk="1")
    system.aws.dynamodb.delete_item(TableName=TABLE, Key=key)
    assert page(system, value)[0] == []


def test_what_a_refused_transaction_wrote_is_not_found(system: System, value: str) -> None:
    """Its first write was carried out before the second turned out to be invalid."""
    name = f"item of {value}"
    put(system, name, gsi1pk=value, gsi1sk="1")
    item: Any = {"pk": {"S": name}, "sk": {"S": "test"}, "gsi1pk": {"S": f"not {value}"}, "gsi1sk": {"S": "1"}}
    too_large: Any = {"pk": {"S": f"other {name}"}, "sk": {"S": "test"}, "text": {"S": "x" * 410_000}}
    writes: Any = [{"Put": {"TableName": TABLE, "Item": each}} for each in (item, too_large)]
    with pytest.raises(ClientError):
        system.aws.dynamodb.transact_write_items(TransactItems=writes)
    assert (page(system, value)[0], page(system, f"not {value}")[0]) == ([name], [])


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_together_are_the_whole(system: System, value: str, forward: bool, limit: int) -> None:
    """Also where several items have one sort key."""
    for number, sort_key in enumerate("1222334"):
        put(system, f"{number} of {value}", gsi1pk=value, gsi1sk=sort_key)
    whole, end = page(system, value, ScanIndexForward=forward)
    assert (len(whole), end) == (7, None)
    found: list[str] = []
    options: Item = {}
    while True:
        names, end = page(system, value, ScanIndexForward=forward, Limit=limit, **options)
        assert len(names) <= limit
        found += names
        if end is None:
            break
        options = {"ExclusiveStartKey": end}
    assert found == whole
