"""The floor: what boto3 alone takes for the same reads and writes, as a function without rules would make them.

Records are nested attributes, each written and read by boto3's own serializer; the client has its default settings.
Nothing is checked, decided, shown or logged. The event lists the calls: each its name and its parameters with plain
values.
"""

from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

client = boto3.client("dynamodb")
serializer = TypeSerializer()
deserializer = TypeDeserializer()
ITEMS = {"Item", "Key", "ExpressionAttributeValues"}


def handler(calls: list[tuple[str, dict[str, Any]]], _context: Any) -> dict[str, Any]:
    """Make the calls one by one."""
    found: list[Any] = []
    for name, parameters in calls:
        found += items_in(getattr(client, name)(**written(parameters)))
    return {"statusCode": 200, "body": found}


def written(value: Any) -> Any:
    """Return the parameters of a call as DynamoDB takes them."""
    if isinstance(value, list):
        return [written(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: typed(member) if name in ITEMS else [*map(typed, member)] if name == "Keys" else written(member)
        for name, member in value.items()
    }


def typed(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as DynamoDB takes it."""
    return {name: serializer.serialize(value) for name, value in item.items()}


def items_in(answer: Any) -> list[dict[str, Any]]:
    """Return the items of an answer as plain values."""
    found = answer.get("Responses", [])
    items = [item for table in found.values() for item in table] if isinstance(found, dict) else []
    items += [each["Item"] for each in found if "Item" in each] if isinstance(found, list) else []
    items += [answer["Item"]] if "Item" in answer else answer.get("Items", [])
    return [{name: deserializer.deserialize(value) for name, value in item.items()} for item in items]
