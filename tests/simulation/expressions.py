"""The conditions of DynamoDB that the code uses, as functions of an item as DynamoDB writes it."""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Item = Mapping[str, Any]
Values = Mapping[str, Any]
Condition = Callable[[Item, Values], bool]
"""Whether it holds of an item (an empty one, if there is none), with the expression's values."""
TOKEN = re.compile(r"[:#]?\w+|<=|>=|[=<>(),]")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(expression: str, names: Mapping[str, str] | None = None) -> Condition:
    """Return the condition of an expression."""
    return _parsed(expression, tuple((names or {}).items()))


@cache
def _parsed(expression: str, names: tuple[tuple[str, str], ...]) -> Condition:
    parser = _Parser(TOKEN.findall(expression), dict(names))
    parsed = parser.either()
    if parser.tokens:
        raise ValueError(f"not understood from {parser.tokens[0]!r} on: {expression}")
    return parsed


class _Parser:
    """Takes one token after the other."""

    def __init__(self, tokens: list[str], names: Mapping[str, str]) -> None:
        self.tokens = tokens
        self._names = names

    def either(self) -> Condition:
        """Conditions of which one must hold."""
        parts = [self._all()]
        while self._follows("OR"):
            parts.append(self._all())
        return lambda item, values: any(part(item, values) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._follows("AND"):
            parts.append(self._one())
        return lambda item, values: all(part(item, values) for part in parts)

    def _one(self) -> Condition:
        if self._follows("("):
            inner = self.either()
            self._take()
            return inner
        first = self._take()
        if self._follows("("):
            return self._function(first)
        path = self._names.get(first, first)
        return self._between(path) if self._follows("BETWEEN") else _compared(path, self._take(), self._take())

    def _function(self, name: str) -> Condition:
        path, value = self._take(), ""
        path = self._names.get(path, path)
        if self._follows(","):
            value = self._take()
        self._take()
        match name:
            case "attribute_exists":
                return lambda item, _: path in item
            case "attribute_not_exists":
                return lambda item, _: path not in item
            case "begins_with":
                return lambda item, values: path in item and item[path]["S"].startswith(values[value]["S"])
        raise ValueError(f"no function that is known: {name}")

    def _between(self, path: str) -> Condition:
        low = _compared(path, ">=", self._take())
        self._take()
        high = _compared(path, "<=", self._take())
        return lambda item, values: low(item, values) and high(item, values)

    def _take(self) -> str:
        return self.tokens.pop(0)

    def _follows(self, token: str) -> bool:
        """Take the token, if it is the next one."""
        follows = self.tokens[:1] == [token]
        if follows:
            self._take()
        return follows


def _compared(path: str, comparison: str, value: str) -> Condition:
    """A comparison; values of two types are never equal, and none is greater."""
    compare = COMPARISONS[comparison]

    def holds(item: Item, values: Values) -> bool:
        if path not in item:
            return False
        ((kind, found),), ((wanted_kind, wanted),) = item[path].items(), values[value].items()
        return kind == wanted_kind and (compare(int(found), int(wanted)) if kind == "N" else compare(found, wanted))

    return holds
