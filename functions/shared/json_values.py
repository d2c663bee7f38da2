"""A request's body as a JSON value: strictly, so that no two programs read it differently (contract §1, Errors)."""

import json
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import Any

from functions.shared.refusals import Code, Fault

MAX_DEPTH = 100
"""Levels of nesting in a body; known requests have few."""
CONTAINERS = (dict, list)
MAX_DIGITS = 308
"""Of an integer in a body; most JSON parsers cannot read more."""


def parse(raw: bytes) -> tuple[Any, list[Fault]]:
    """Return the JSON value of the body, or its fault. An empty body is an empty object; whole numbers are integers."""
    if not raw.strip():
        return {}, []
    try:
        text = raw.decode()
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_each_member_once,
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        _no_deeper(value)
    except (ValueError, RecursionError) as error:
        return None, [Fault(Code.INVALID_JSON, f"The body is not valid JSON: {_reason(error)}.")]
    return value, []


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case UnicodeEncodeError():
            return "a string has half of a surrogate pair"
        case json.JSONDecodeError(lineno=line, colno=column):
            return f"there is a syntax error in line {line}, column {column}"
    return str(error)


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(text)


def _number(text: str) -> int | float:
    """Return the number of a text with a fraction or an exponent: exactly, if it is whole."""
    value = float(text)
    if not isfinite(value):
        raise ValueError("a number is too large")
    if not value.is_integer():
        return value
    if value == 0:
        mantissa = text.lower().partition("e")[0]
        return 0 if Decimal(mantissa).is_zero() else value
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else value


def _each_member_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) < len(members):
        raise ValueError("an object has two members with the same name")
    return value


def _no_deeper(value: Any) -> None:
    """Refuse what is nested too deeply: code that walks the value later must not run out of stack."""
    level = [value] if isinstance(value, CONTAINERS) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return
        inner = chain.from_iterable(outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [each for each in inner if isinstance(each, CONTAINERS)]
    if level:
        raise RecursionError


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
