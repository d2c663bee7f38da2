"""Countries: ISO 3166-1 alpha-2, AN and XK; currencies: ISO 4217 (contract §1)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.shared.countries import COUNTRIES, ISO_3166_1, Country
from functions.shared.currencies import ISO_4217, Currency

SHAPE = TypeAdapter(Country)


def test_all_assigned_codes_are_there() -> None:
    assert len(ISO_3166_1) == 249
    assert {"DE", "GB", "US", "JP", "ZA"} <= ISO_3166_1
    assert not ISO_3166_1 & {"AN", "XK", "UK", "EU", "ZZ"}


@pytest.mark.parametrize("code", ["AN", "XK", "DE"])
def test_a_country_passes(code: str) -> None:
    assert SHAPE.validate_python(code) == code


@given(st.text(alphabet=string.ascii_letters, max_size=3))
def test_nothing_else_passes(text: str) -> None:
    if text in COUNTRIES:
        assert SHAPE.validate_python(text) == text
    else:
        with pytest.raises(ValidationError, match="is not a country code"):
            SHAPE.validate_python(text)


def test_the_refusal_names_the_value() -> None:
    with pytest.raises(ValidationError, match="'UK' is not a country code"):
        SHAPE.validate_python("UK")


@pytest.mark.parametrize("code", ["EUR", "USD", "GBP", "JPY", "XCG", "ZWG"])
def test_a_currency_passes(code: str) -> None:
    assert TypeAdapter(Currency).validate_python(code) == code


@pytest.mark.parametrize("code", ["", "eur", "EURO", "ZZZ", "XAU", "XTS", "DEM", "BGN"])
def test_what_is_not_a_currency(code: str) -> None:
    assert code not in ISO_4217
    with pytest.raises(ValidationError, match="is not a currency code"):
        TypeAdapter(Currency).validate_python(code)
