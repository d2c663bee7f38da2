"""How many bytes things have where AWS limits them."""

import json
from typing import Any

CONTAINER = 3
"""Bytes of a list or a map itself; each of its elements has one more."""


def json_size(value: Any) -> int:
    """Of a value as UTF-8 JSON.

    That is how Lambda (from Python 3.12 on), Step Functions and EventBridge carry and count it: none of them escapes
    what is not ASCII. Lambda is the one that also writes blanks between members, so they are counted.
    """
    return len(json.dumps(value, ensure_ascii=False).encode())


def stored_size(value: Any) -> int:
    """Of a plain value in an item of the table, as DynamoDB counts it; of a number, at least that many."""
    match value:
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case dict():
            return CONTAINER + sum(len(name.encode()) + stored_size(member) + 1 for name, member in value.items())
        case list():
            return CONTAINER + sum(stored_size(element) + 1 for element in value)
        case bool() | None:
            return 1
    return len(str(value)) // 2 + 2
