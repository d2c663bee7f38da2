"""Metadata: a partner's own keys and values of a resource."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from functions.shared.shapes import without_nulls


def _text(value: Any) -> Any:
    """Return the text of a number or boolean; equal numbers have equal texts, such as ``1.0`` and ``1``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return value


def _keys_with_values(value: Any) -> Any:
    """Remove keys with ``null``, which a PATCH may remove without their existing; return ``None`` if no key is left."""
    return without_nulls(value) or None if isinstance(value, dict) else value


MetadataKey = Annotated[str, Field(min_length=1, max_length=100)]
MetadataText = Annotated[str, Field(max_length=300)]
MetadataValue = Annotated[MetadataText, BeforeValidator(_text)]
"""Also a number or a boolean, stored as its text."""

KEYS_WITH_VALUES = BeforeValidator(_keys_with_values)
