"""What of a schema breaks clients: of what they send it must take all it took, what they get must hold nothing new."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

Node = Mapping[str, Any]
"""A part of a description."""

LOWER = ("minLength", "minimum", "minItems", "minProperties")
UPPER = ("maxLength", "maximum", "maxItems", "maxProperties")
CONDITIONS = ("pattern", "uniqueItems", "propertyNames", "if", "then", "else", "not", "allOf", "dependentRequired")
"""What must not be added to a schema of what is sent, nor changed there."""
INNER = {"items": "[]", "additionalProperties": ".*"}
"""What is inside of arrays and maps, and how a place in them is written."""
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


class Direction(Protocol):
    """The rules that differ by who sends what has the schema."""

    def value_breaks(self, old: Node, new: Node) -> Iterator[str]:
        """Yield what is wrong with the values that are allowed now."""

    def member_breaks(self, name: str, old: Node, new: Node) -> Iterator[str]:
        """Yield what is wrong with a member of either schema."""

    def alternative_breaks(self, old: Collection[str], new: Collection[str], name: str) -> Iterator[str]:
        """Yield what is wrong with the alternatives of the schema of this name."""


class Sent:
    """Clients send it: what was allowed stays allowed."""

    def value_breaks(self, old: Node, new: Node) -> Iterator[str]:
        if not _types(old) <= _types(new):
            yield "type changed"
        yield from (f"value {value} removed" for value in _beyond(_values(old), _values(new)))
        yield from (f"{bound} raised" for bound in LOWER if _differs(bound, old, new, lambda a, b: a < b))
        yield from (f"{bound} lowered" for bound in UPPER if _differs(bound, old, new, lambda a, b: a > b))
        yield from (f"{name} added or changed" for name in CONDITIONS if _differs(name, old, new, lambda a, b: a != b))
        if "default" in old and old["default"] != new.get("default"):
            yield "default changed"
        if _openness(new) < _openness(old):
            yield "other members restricted"

    def member_breaks(self, name: str, old: Node, new: Node) -> Iterator[str]:
        if name in _members(old) and name not in _members(new):
            yield "removed"
        if name in _required(new) - _required(old):
            yield "now required" if name in _members(old) else "new and required"

    def alternative_breaks(self, old: Collection[str], new: Collection[str], name: str) -> Iterator[str]:
        yield from (f"{each} removed" for each in sorted({*old} - {*new}))


class Answered:
    """Clients get it: nothing comes that they did not have to expect, and nothing is missing."""

    def __init__(self, growing: Collection[str]) -> None:
        self._growing = growing

    def value_breaks(self, old: Node, new: Node) -> Iterator[str]:
        if not _types(new) <= _types(old):
            yield "type changed"
        yield from (f"value {value} added" for value in _beyond(_values(new), _values(old)))

    def member_breaks(self, name: str, old: Node, new: Node) -> Iterator[str]:
        if name in _members(old) and name not in _members(new):
            yield "removed"
        elif name in _required(old) - _required(new):
            yield "no longer always there"

    def alternative_breaks(self, old: Collection[str], new: Collection[str], name: str) -> Iterator[str]:
        if name not in self._growing:
            yield from (f"{each} added" for each in sorted({*new} - {*old}))


class Comparison:
    """Compares schemas of two descriptions; each pair of schemas that have names once."""

    def __init__(self, old: Node, new: Node, direction: Direction) -> None:
        self._old = old
        self._new = new
        self._direction = direction
        self._seen: set[tuple[str, str]] = set()

    def compare(self, place: str, old: Node, new: Node) -> Iterator[str]:
        """Yield what breaks clients, with the place where it is."""
        names = (old.get("$ref", ""), new.get("$ref", ""))
        if all(names) and names in self._seen:
            return
        self._seen.add(names)
        before, after = _alternatives(self._old, old), _alternatives(self._new, new)
        yield from self._compare_one(place, resolved(self._old, old), resolved(self._new, new))
        if len(before) == len(after) == 1:
            return
        found = self._direction.alternative_breaks(before, after, names[0])
        yield from (f"{place}: alternative {fault}" for fault in found)
        for name in sorted(before.keys() & after.keys()):
            yield from self.compare(f"{place} ({name.rpartition('/')[2]})", before[name], after[name])

    def _compare_one(self, place: str, old: Node, new: Node) -> Iterator[str]:
        if old.get("format") != new.get("format"):
            yield f"{place}: format changed"
        yield from (f"{place}: {fault}" for fault in self._direction.value_breaks(old, new))
        before, after = _members(old), _members(new)
        for name in sorted({*before, *after} | _required(old) | _required(new)):
            yield from (f"{place}.{name}: {fault}" for fault in self._direction.member_breaks(name, old, new))
        parts = {f".{name}": (before[name], after[name]) for name in sorted(before.keys() & after.keys())}
        parts |= {mark: (old.get(part), new.get(part)) for part, mark in INNER.items()}
        for mark, (one, other) in parts.items():
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                yield from self.compare(f"{place}{mark}", one, other)


def resolved(document: Node, value: Node) -> Node:
    """Return what a reference leads to, or the value itself."""
    while "$ref" in value:
        found: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def _alternatives(document: Node, schema: Node) -> dict[str, Node]:
    """Return the alternatives of a schema by what tells them apart: their names or, without one, their types."""
    named = resolved(document, schema)
    choices = named.get("oneOf") or named.get("anyOf") or [schema]
    return {str(choice.get("$ref") or choice.get("type")): choice for choice in choices}


def _members(schema: Node) -> Node:
    members: Node = schema.get("properties", {})
    return members


def _required(schema: Node) -> set[str]:
    return set(schema.get("required", ()))


def _openness(schema: Node) -> int:
    """Return 0 if the schema takes no other members, 1 if some, 2 if any."""
    others = schema.get("additionalProperties", True)
    return 1 if isinstance(others, Mapping) else 2 * bool(others)


def _types(schema: Node) -> set[str]:
    """Return the types, where a number may be whole; all of them if the schema names none."""
    named = schema.get("type", TYPES)
    types = {named} if isinstance(named, str) else set(named)
    return types | ({"integer"} if "number" in types else set())


def _values(schema: Node) -> set[str] | None:
    """Return the values of a closed list; ``None`` if any is allowed."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else {repr(value) for value in values}


def _beyond(values: set[str] | None, allowed: set[str] | None) -> list[str]:
    if allowed is None:
        return []
    return ["of any other kind"] if values is None else sorted(values - allowed)


def _differs(name: str, old: Node, new: Node, beyond: Callable[[Any, Any], bool]) -> bool:
    """Return whether the new schema has a keyword that the old one does not have, or one that goes beyond its own."""
    return name in new and (name not in old or beyond(old[name], new[name]))
