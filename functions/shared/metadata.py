"""Metadata: what a partner notes about a resource, by keys of its own."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from functions.shared.shapes import without_nulls


def _text(value: Any) -> Any:
    """Equal numbers have one text: ``1.50`` is kept as ``1.5``, ``1.0`` as ``1``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return value


def _keys_with_values(value: Any) -> Any:
    """A key that a PATCH removes may not have been there; without any key there is no metadata."""
    return without_nulls(value) or None if isinstance(value, dict) else value


MetadataKey = Annotated[str, Field(min_length=1, max_length=100)]
MetadataText = Annotated[str, Field(max_length=300)]
MetadataValue = Annotated[MetadataText, BeforeValidator(_text)]
"""Also a number or a boolean, kept as its text."""

KEYS_WITH_VALUES = BeforeValidator(_keys_with_values)
