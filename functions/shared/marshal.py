"""Conversion between items as DynamoDB writes them, also in stream records, and plain values."""

import base64
from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB writes them."""
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB as plain values."""
    deserializer = _Plain()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


class _Plain(TypeDeserializer):
    """The table holds whole numbers only; bytes come from it as they are, and in a record of the stream as base64."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)

    def _deserialize_b(self, value: bytes | str) -> bytes:
        return base64.b64decode(value) if isinstance(value, str) else bytes(value)
