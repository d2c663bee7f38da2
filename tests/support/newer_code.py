"""Items as a later release would write them."""

import json
from collections.abc import Mapping
from typing import Any

from functions.shared import documents
from functions.shared.records import Record

NEW: dict[str, Any] = {"new_member": {"text": "ü", "list": [1, None, {"a": 1.5}]}}
MAPS = {"product_ends", "reserved_places", "metadata"}
"""Members that are no parts with members of their own."""


def of_newer_code(record: Record) -> dict[str, Any]:
    """The record's item as newer code would have written it: with more members, on top and in every part."""
    return as_newer_code_writes(record.item())


def as_newer_code_writes(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item of a record with more members, on top and in every part."""
    document = json.loads(documents.unpack(item["document"]))
    return {**item, "document": json.dumps(_with_more(document))}


def _with_more(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: member if name in MAPS else _with_more(member) for name, member in value.items()} | NEW
    return [_with_more(element) for element in value] if isinstance(value, list) else value
