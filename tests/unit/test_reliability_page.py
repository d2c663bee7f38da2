"""docs/reliability.md names tests that there are, and every kind of fault."""

import re
from pathlib import Path

from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
NAMED = re.compile(r"`(tests/[\w/.]+)`")
KINDS = re.compile(r"^\| ([a-z, ]+) \| [^`]", re.MULTILINE)


def test_its_tests_are_there() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_it_says_what_each_kind_of_fault_is() -> None:
    rows = {kind for row in KINDS.findall(PAGE) for kind in row.split(", ")}
    assert rows - {"a call", "a message", "promise"} == {*CALL_FAULTS, *MESSAGE_FAULTS}
