"""What files hold cannot steer the terminal that it is printed on."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.operator.printing import escaped, print_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich — 北京 'x'", "Zürich — 北京 'x'"),
        ("\x1b[2J\r\n\0\x9b", r"\x1b[2J\r\n\x00\x9b"),
        ("\u202etxt.\u2066\u200b\ufeff", r"\u202etxt.\u2066\u200b\ufeff"),
        ("\udc80\u2028\U000e0001", r"\udc80\u2028\U000e0001"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text(st.characters()))
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not [character for character in escaped(text) if unicodedata.category(character).startswith("C")]


def test_what_a_terminal_cannot_write_is_escaped() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_line("Zürich", out)
    out.seek(0)
    assert out.read() == "Z\\xfcrich\n"
