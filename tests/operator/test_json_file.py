"""Where things stand in JSON."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.operator.faults import FileRefused
from infra.operator.json_file import JsonFile

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)


def ways(value: Any, *steps: int | str) -> Iterator[list[int | str]]:
    """The way to everything that stands alone in its line."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ways(member, *steps, name)
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield from ways(element, *steps, number)
    else:
        yield [*steps]


@given(VALUES, st.booleans())
def test_everything_is_found_in_its_line(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent="\t", ensure_ascii=ascii_only)
    found, lines = JsonFile(text), text.split("\n")
    for steps in ways(value):
        part = found.part(*steps)
        assert json.dumps(part.value, ensure_ascii=ascii_only) in lines[part.locate([])[0] - 1]


@pytest.mark.parametrize(
    ("text", "steps", "line"),
    [
        ('{"a": 1}', ["a"], 1),
        ('{\r\n"a":\r\n\t1}', ["a"], 3),
        ('{"a":\n{"b": 1}}', ["a", "missing"], 2),
        ('[{"a":1},\n{"a":[1,\n2]}]', [1, "a", 1], 3),
        ('{"a\\"{b": "}\\n\\\\",\n"c": 1}', ["c"], 2),
        ('{"a": "\u2028\u0085",\n"b": 1}', ["b"], 2),
        ('{"a": "\\ud83d\\ude00\\/",\n"b": 1}', ["b"], 2),
    ],
)
def test_lines_are_those_of_an_editor(text: str, steps: list[int | str], line: int) -> None:
    assert JsonFile(text).line(steps) == line


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "This is not valid JSON: there is a syntax error in column 1.")]),
        ('{\n"a" 1\n}', [(2, "This is not valid JSON: there is a syntax error in column 5.")]),
        ('{"a":\n"\t"}', [(2, "This is not valid JSON: there is a syntax error in column 2.")]),
        ('{"a": 1}\n{}', [(2, "This is not valid JSON: there is a syntax error in column 1.")]),
        ("[" * 100_000, [(1, "This JSON cannot be read: it is nested too deeply.")]),
        (
            '[1,\n"\\ud83d\\ude00",\n"\\ude00"]',
            [(3, "This has half a character: a \\ud… escape without the other half.")],
        ),
        (
            '{"a": 1,\n"b": [{"c": 1,\n"\\u0063": 2}],\n"a": 3}',
            [(3, "The member 'c' is given twice."), (4, "The member 'a' is given twice.")],
        ),
        (
            '{"' + "k" * 2000 + '": 1, "a": 1, "a": 2}',
            [(1, "This has faults, but the nesting is too deep or a name too long to say where.")],
        ),
    ],
)
def test_what_is_not_json(text: str, faults: list[tuple[int, str]]) -> None:
    with pytest.raises(FileRefused) as refused:
        JsonFile(text)
    assert [(fault.line, fault.text) for fault in refused.value.faults] == faults


def test_a_number_of_very_many_digits_is_a_large_one() -> None:
    assert JsonFile("1" * 5000).value > 10**1000
