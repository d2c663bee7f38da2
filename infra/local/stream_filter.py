"""Filters the table's stream as Lambda does (functions/events/stream_filter.py)."""

from collections.abc import Mapping
from typing import Any

from functions.events.stream_filter import WANTED


def wanted(record: Mapping[str, Any]) -> bool:
    """Return whether a record passes."""
    return any(_matches(pattern, record) for pattern in WANTED)


def _matches(pattern: Any, value: Any) -> bool:
    """Return whether each member of the pattern exists, and equals one of its values or passes one of its rules."""
    if isinstance(pattern, list):
        return value is not None and any(_allows(rule, value) for rule in pattern)
    return isinstance(value, Mapping) and all(_matches(inner, value.get(name)) for name, inner in pattern.items())


def _allows(rule: Any, value: Any) -> bool:
    return value not in rule["anything-but"] if isinstance(rule, dict) else bool(value == rule)
