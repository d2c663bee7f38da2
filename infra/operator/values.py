"""Values as people and spreadsheets write them; ambiguous ones are refused with advice."""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from pydantic import AfterValidator, BeforeValidator

SHORTENED = re.compile(r"[0-9]+[.,][0-9]+[Ee][+-]?[0-9]+|[0-9]+[Ee]\+[0-9]+")
DIGITS = re.compile(r"[0-9]+|-[1-9][0-9]*")
MAX_DIGITS = 40
"""More than any number here may have."""
TRUE = frozenset("true yes 1 wahr ja vrai oui verdadero sí vero sì verdadeiro sim prawda tak waar".split())
FALSE = frozenset("false no 0 falsch nein faux non falso não fałsz nie onwaar nee".split())
"""As spreadsheets write them in their users' languages."""
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Invisible characters that Unicode classifies as letters and symbols."""

T = TypeVar("T")


def normalized(text: str) -> str:
    """Return the text as it is compared and stored: composed characters (NFC), without spaces around it."""
    return unicodedata.normalize("NFC", text).strip()


def of_text(change: Callable[[str], str]) -> BeforeValidator:
    """Change a text before its validation, and leave anything else to that."""
    return BeforeValidator(lambda value: change(value) if isinstance(value, str) else value)


def number(cell: str) -> int | str:
    """Return the number of a cell of digits, cut off if far too large; or else the cell, which validation refuses."""
    return int(cell.lstrip("0")[:MAX_DIGITS] or "0") if DIGITS.fullmatch(cell) else cell


def flag(cell: str) -> bool | str:
    """Return the boolean of a cell, or else the cell as it is, which validation refuses."""
    word = normalized(cell).lower()
    return True if word in TRUE else False if word in FALSE else cell


def whole_number(example: str) -> BeforeValidator:
    """Accept only integers: neither text nor 20.00, which could mean 20 or 2000."""
    words = f"must be a whole number written in digits only, {example}"
    return BeforeValidator(partial(check, lambda value: type(value) is int, words))


def check(holds: Callable[[Any], object], words: str, value: T) -> T:
    """Return the value. Raise ``ValueError`` with these words if it does not hold."""
    if not holds(value):
        raise ValueError(words)
    return value


def _flag(value: Any) -> Any:
    if value is not True and value is not False:
        raise ValueError("must be true or false")
    return value


def _unshortened(text: str) -> str:
    if SHORTENED.fullmatch(text):
        raise ValueError("this number was shortened by a spreadsheet; format the column as text and enter it again")
    return text


def _visible(text: str) -> str:
    for position, character in enumerate(text, start=1):
        if not character.isprintable() or character in FILLERS or unicodedata.category(character).startswith("M"):
            raise ValueError(
                f"character {position} (U+{ord(character):04X}) is invisible or cannot be typed; remove it"
            )
    return text


NORMALIZED = of_text(normalized)
FLAG = BeforeValidator(_flag)
UNSHORTENED = AfterValidator(_unshortened)
VISIBLE = AfterValidator(_visible)
