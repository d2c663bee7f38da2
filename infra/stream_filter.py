"""Which records of the table's stream its function gets; read by the stack and by the system on one machine."""

from collections.abc import Mapping
from typing import Any

ACCEPTED = {"kind": {"S": ["order"]}, "status": {"S": ["accepted"]}}
FULFILLING = {"kind": {"S": ["order"]}, "status": {"S": ["fulfilling"]}}
NOT_YET = {"status": {"S": [{"anything-but": ["fulfilling"]}]}}
WANTED: tuple[dict[str, Any], ...] = (
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["event"]}}}},
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": ACCEPTED}},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": FULFILLING, "OldImage": NOT_YET}},
)
"""Events, orders just accepted, and orders that begin to be fulfilled, as Lambda writes filters.

Everything else stays out: what the steps of an order write, and what TTL deletes.
"""


def wanted(record: Mapping[str, Any]) -> bool:
    """Return whether a record passes."""
    return any(_matches(pattern, record) for pattern in WANTED)


def _matches(pattern: Any, value: Any) -> bool:
    """Every member that the pattern names is there, and is one of its values or passes one of its rules."""
    if isinstance(pattern, list):
        return value is not None and any(_allows(rule, value) for rule in pattern)
    return isinstance(value, Mapping) and all(_matches(inner, value.get(name)) for name, inner in pattern.items())


def _allows(rule: Any, value: Any) -> bool:
    return value not in rule["anything-but"] if isinstance(rule, dict) else bool(value == rule)
