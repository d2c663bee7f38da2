"""The three files of versions agree: what runs, here or in Lambda, is what was tested."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def versions(name: str) -> set[str]:
    text = (ROOT / name).read_text()
    assert "://" not in text, "a lock names no registry"
    return {line for line in text.splitlines() if "==" in line}


@pytest.mark.parametrize("name", ["requirements-run.lock", "functions/requirements.lock"])
def test_what_runs_is_what_was_tested(name: str) -> None:
    tested = {line.partition(" ;")[0].rstrip(" \\") for line in versions("requirements.lock")}
    assert {line.partition(" ;")[0].rstrip(" \\") for line in versions(name)} <= tested
