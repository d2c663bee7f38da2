"""JSON whose faults are listed with their lines."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property, reduce
from operator import getitem
from typing import Any

import yaml

from infra.operator.faults import Fault, FileRefused, Part, Steps, path, unreadable

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one, if available."""
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
MAX_DIGITS = 4000
"""Of a number; Python reads no more than 4,300. What has more is too large for anything, cut off or not."""


class JsonFile:
    """The JSON value of a text (``value``), and the lines of its parts.

    Raise :class:`FileRefused` if the text is not valid JSON, or if an object has a member twice.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._repeats = False
        try:
            self.value = json.loads(text, object_pairs_hook=self._object, parse_int=_integer)
        except json.JSONDecodeError as error:
            text = f"This is not valid JSON: there is a syntax error in column {error.colno}."
            raise unreadable(text, error.lineno) from None
        except (ValueError, RecursionError):
            raise unreadable("This JSON cannot be read: it is nested too deeply.") from None
        if self._repeats:
            raise FileRefused(self._repeated(self._tree))
        if faults := [*self._half_characters()]:
            raise FileRefused(faults)

    def part(self, *steps: int | str) -> Part:
        """Return the value to which the steps lead."""
        value = reduce(getitem, steps, self.value)
        return Part(value, lambda inner: (self.line([*steps, *inner]), path([*steps, *inner])))

    def line(self, steps: Steps) -> int:
        """Return the line of the value to which the steps lead; for a missing member, that of its object."""
        node, value = self._tree, self.value
        for step in steps:
            if isinstance(value, dict) and step not in value:
                break
            node = node.value[[*value].index(step)][1] if isinstance(value, dict) else node.value[step]
            value = value[step]
        return self._line(node.start_mark.index)

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        self._repeats |= len(value) < len(members)
        return value

    @cached_property
    def _tree(self) -> Any:
        """The places of all values. JSON is also YAML, once its strings have nothing that YAML reads differently."""
        plain = STRING.sub(lambda string: f'"{"x" * (len(string[0]) - 2)}"', self._text)
        try:
            return yaml.compose(re.sub(r"\s", " ", plain), Loader=LOADER)
        except (yaml.YAMLError, RecursionError):
            raise unreadable("This has faults, but the nesting is too deep or a name too long to say where.") from None

    def _repeated(self, node: Any) -> Iterator[Fault]:
        """Yield a fault for each repeated member."""
        if isinstance(node, yaml.SequenceNode):
            for element in node.value:
                yield from self._repeated(element)
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for name, value in node.value:
                member = json.loads(self._text[name.start_mark.index : name.end_mark.index])
                if member in seen:
                    yield Fault(self._line(name.start_mark.index), "", f"The member {member!r} is given twice.")
                seen.add(member)
                yield from self._repeated(value)

    def _half_characters(self) -> Iterator[Fault]:
        """Yield a fault for each string that no encoding can write."""
        for string in STRING.finditer(self._text):
            if "\\u" in string[0] and re.search("[\ud800-\udfff]", json.loads(string[0])):
                text = "This has half a character: a \\ud… escape without the other half."
                yield Fault(self._line(string.start()), "", text)

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self._text)]

    def _line(self, index: int) -> int:
        return bisect_left(self._breaks, index) + 1


def _integer(digits: str) -> int:
    return int(digits[:MAX_DIGITS])
