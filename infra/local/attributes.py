"""Writes moto's items as JSON without its detours.

moto copies what is in an attribute once for each level, and asks for every value of an answer under all the names that
its member may have. An item is stored as it is sent, so it can be sent as it is stored.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from botocore.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from infra.local.patches import all_replaced

ATTRIBUTE = "AttributeValue"
BINARY = {"B", "BS"}


class _Binary(Exception):
    """The value is not written in the form in which it is stored."""


def quick_items() -> AbstractContextManager[None]:
    """Make moto write each item in one step."""
    return all_replaced((Item, "to_json", _item), (BaseJSONSerializer, "_serialize_type_structure", _structure))


def plain(value: Any) -> Any:
    """Return a deep copy of an attribute as DynamoDB writes it. Raise ``_Binary`` for bytes."""
    if isinstance(value, DynamoType):
        if value.type in BINARY:
            raise _Binary
        return {value.type: plain(value.value)}
    if isinstance(value, dict):
        if not BINARY.isdisjoint(value):
            raise _Binary
        return {name: plain(member) for name, member in value.items()}
    return [plain(element) for element in value] if isinstance(value, list) else value


def _item(to_json: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def written(item: Item, root: str = "Attributes") -> dict[str, Any]:
        try:
            return {root: {name: plain(value) for name, value in item.attrs.items()}}
        except _Binary:
            return to_json(item, root)

    return written


def _structure(serialize: Callable[..., None]) -> Callable[..., None]:
    def structure(serializer: Any, serialized: Any, value: Any, shape: StructureShape, key: str) -> None:
        if shape.name == ATTRIBUTE:
            try:
                serialized[key] = plain(value)
            except _Binary:
                serialize(serializer, serialized, value, shape, key)
        else:
            serialize(serializer, serialized, value, shape, key)

    return structure
