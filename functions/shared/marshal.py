"""Items as DynamoDB writes them (in a stream record, too) and as plain values."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB writes them."""
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB as plain values."""
    deserializer = _Integers()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


class _Integers(TypeDeserializer):
    """The table holds whole numbers only: money in minor units, bytes, counts."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)
