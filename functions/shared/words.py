"""The words for values of the wrong shape, in place of those of the validation library."""

from collections.abc import Mapping
from typing import Any

NOT_VALID = "This value is not valid"
"""The last resort; a test proves that no shape of ours needs it."""

_OBJECT = "must be an object"
_INTEGER = "must be an integer"
_BOOLEAN = "must be true or false"
_MOMENT = "must be a date and time that exist, like 2026-01-31T00:00:00Z"
_DATE = "must be a date that exists, like 2026-01-31"
WORDS = {
    "extra_forbidden": "This member is not known here",
    "missing": "This member is required",
    "union_tag_not_found": "This member is required",
    "union_tag_invalid": "must be one of {expected_tags}",
    "literal_error": "must be {expected}",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": "must be an array",
    "too_short": "must have at least {min_length} {things}",
    "too_long": "must have at most {max_length} {things}",
    "string_type": "must be a string",
    "string_unicode": "must be a string of valid Unicode characters",
    "string_too_short": "must have at least {min_length} {characters}",
    "string_too_long": "must have at most {max_length} {characters}",
    "int_type": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing": _INTEGER,
    "int_parsing_size": "must be a number with fewer digits",
    "finite_number": _INTEGER,
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_naive": _MOMENT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}
"""Pydantic's type of error → our words."""


def words_for(error_type: str, context: Mapping[str, Any]) -> str:
    """Return our words for one of Pydantic's own errors; "must …" still needs a subject."""
    count = context.get("min_length", context.get("max_length", 0))
    thing = "member" if context.get("field_type") == "Dictionary" else "element"
    counted = {"things": plural(thing, count), "characters": plural("character", count)}
    return WORDS.get(error_type, NOT_VALID).format(**{**context, **counted})


def plural(noun: str, count: int) -> str:
    """Return the noun as it stands behind the number."""
    return noun if count == 1 else f"{noun}s"
