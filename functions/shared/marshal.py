"""Conversion between items as DynamoDB writes them, also in stream records, and plain values.

The table holds texts, whole numbers, bytes, truth values, and lists and maps of them. boto3 converts more than that,
and takes several times as long.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB writes them."""
    return {name: _written(value) for name, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB as plain values; bytes come from the table as they are, and in a stream as base64."""
    return {name: _plain(written) for name, written in item.items()}


def _written(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    kind, convert = WRITTEN[type(value)]
    return {kind: convert(value)}


def _plain(written: Mapping[str, Any]) -> Any:
    ((kind, value),) = written.items()
    return PLAIN[kind](value)


def _bytes(value: bytes | str) -> bytes:
    return base64.b64decode(value) if isinstance(value, str) else value


WRITTEN: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    bool: ("BOOL", bool),
    int: ("N", str),
    bytes: ("B", bytes),
    list: ("L", lambda values: [*map(_written, values)]),
    dict: ("M", marshal),
}
PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "BOOL": bool,
    "N": int,
    "B": _bytes,
    "L": lambda values: [*map(_plain, values)],
    "M": unmarshal,
}
