"""What every test of the lifecycle needs."""

from collections.abc import Iterator

import pytest

from functions.shared import lists
from tests.support.timeline import Timeline, timeline


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Timeline]:
    """A system of the test's own, whose time it moves."""
    monkeypatch.setattr(lists, "_secret", lambda: b"secret")
    with timeline() as line:
        yield line
