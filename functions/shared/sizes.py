"""Sizes in bytes, as AWS counts them for its limits."""

import json
from typing import Any

CONTAINER = 3
"""Bytes of a list or a map itself; each of its elements has one more."""


def json_size(value: Any) -> int:
    """Return the size of a value as UTF-8 JSON.

    Lambda (from Python 3.12 on), Step Functions and EventBridge count it like this: none of them escapes non-ASCII
    characters. Lambda also writes spaces between members, so they are counted.
    """
    return len(json.dumps(value, ensure_ascii=False).encode())


def stored_size(value: Any) -> int:
    """Return the size of a value in an item of the table, as DynamoDB counts it; for a number, an upper bound."""
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
