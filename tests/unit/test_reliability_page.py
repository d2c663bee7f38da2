"""docs/reliability.md names tests that there are, every chapter of the contract, and every kind of fault."""

import re
from pathlib import Path

from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS
from tests.faults.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
CONTRACT = (ROOT / "docs" / "contract.md").read_text()
NAMED = re.compile(r"`(tests/[\w/.]+)`")
CHAPTER = re.compile(r"^### (.+)$", re.MULTILINE)
PROMISES = re.compile(r"\| chapter \| promise \| tests \|\n\|[-|]+\n((?:\|.*\n)+)")
FAULTS = re.compile(r"\| a (?:call|message) \| what happens \|\n\|[-|]+\n((?:\|.*\n)+)")


def first_cells(tables: list[str]) -> set[str]:
    """Return what the first column of some tables lists."""
    rows = [row.split(" | ")[0].removeprefix("| ") for table in tables for row in table.splitlines()]
    return {name for row in rows for name in row.split(", ")}


def test_its_tests_are_there() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_it_has_the_promises_of_every_chapter() -> None:
    chapters = first_cells(PROMISES.findall(PAGE))
    assert set(CHAPTER.findall(CONTRACT)) - chapters == set()


def test_every_promise_has_a_test() -> None:
    rows = [row for table in PROMISES.findall(PAGE) for row in table.splitlines()]
    assert [row for row in rows if not NAMED.search(row)] == []


def test_it_counts_the_scenarios() -> None:
    assert f"| all | {len(SCENARIOS)} |" in PAGE


def test_it_says_what_each_kind_of_fault_is() -> None:
    assert first_cells(FAULTS.findall(PAGE)) == {*CALL_FAULTS, *MESSAGE_FAULTS}
