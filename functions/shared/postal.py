"""Postal addresses and languages, as subscribers and accounts give them (contract §4)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from functions.shared.countries import Country
from functions.shared.shapes import Shape

WITH_STATES = frozenset({"US", "CA"})

Line = Annotated[str, Field(max_length=200)]
Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
"""A BCP 47 language tag."""


class Address(Shape):
    """Where somebody lives; ``state`` goes with the countries that have them, and only with those."""

    line1: Line | None = None
    line2: Line | None = None
    city: Line | None = None
    country: Country
    postal_code: str | None = Field(default=None, pattern=r"^[0-9A-Za-z\-_ ]+$", max_length=200)
    state: Line | None = None

    @model_validator(mode="after")
    def _state_fits_the_country(self) -> Self:
        if (self.country in WITH_STATES) != (self.state is not None):
            raise ValueError("state is required for US and CA, and taken for no other country")
        return self
