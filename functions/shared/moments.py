"""Moments and days in records and requests, as Pydantic checks and writes them (contract §1, Time)."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from functions.shared.clock import iso, to_utc

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
BLANK_FOR_PLUS = re.compile(r"(\d) (\d\d:\d\d)$")


def _with_plus(value: Any) -> Any:
    return BLANK_FOR_PLUS.sub(r"\1+\2", value) if isinstance(value, str) else value


def _written_as(form: re.Pattern[str], example: str) -> Any:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ValueError(f"must be written like {example}")
        return value

    return BeforeValidator(check)


Instant = Annotated[
    AwareDatetime,
    AfterValidator(to_utc),
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, written as ISO-8601 UTC with milliseconds."""
RequestInstant = Annotated[Instant, Field(strict=False), _written_as(RFC_3339, "2026-01-31T00:00:00Z")]
"""A moment in a request: RFC 3339 with an offset, and no other format."""
QueryInstant = Annotated[RequestInstant, BeforeValidator(_with_plus)]
"""A moment in a query, where a ``+`` that is not encoded arrives as a space."""
RequestDate = Annotated[date, Field(strict=False), _written_as(ISO_DATE, "2026-01-31")]
"""A day in a request."""
