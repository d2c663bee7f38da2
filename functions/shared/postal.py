"""Postal addresses and languages of subscribers and accounts (contract §4)."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from functions.shared.countries import Country
from functions.shared.shapes import Form, Shape, has, only_if

WITH_STATES = frozenset({"US", "CA"})

Line = Annotated[str, Field(max_length=200)]
Locale = Annotated[
    str,
    Field(max_length=35),
    Form(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "must be a BCP 47 language tag like en or en-GB"),
]
"""A BCP 47 language tag."""
PostalCode = Annotated[
    Line, Form(r"^[0-9A-Za-z\-_ ]+$", "must be one or more letters (A-Z, a-z), digits, spaces, '-' or '_'")
]


class Address(Shape):
    """A postal address; ``state`` is required for :data:`WITH_STATES`, and not allowed for other countries."""

    model_config = only_if(has("country", *sorted(WITH_STATES)), "state")

    line1: Line | None = None
    line2: Line | None = None
    city: Line | None = None
    country: Country
    postal_code: PostalCode | None = None
    state: Annotated[Line, Field(min_length=1)] | None = Field(default=None, validate_default=True)

    @field_validator("state")
    @classmethod
    def _fits_the_country(cls, state: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if country and (country in WITH_STATES) != (state is not None):
            raise ValueError("this member is required for the countries US and CA, and not allowed for any other")
        return state
