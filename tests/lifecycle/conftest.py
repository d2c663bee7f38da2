"""What every test of the lifecycle needs."""

from collections.abc import Iterator

import pytest

from functions.shared import lists
from tests.support.client import Client
from tests.support.shop import Shop
from tests.support.timeline import Timeline, timeline


@pytest.fixture
def shop(acme: Client) -> Shop:
    """The partner acme and what it sells."""
    return Shop(acme)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Timeline]:
    """A system of the test's own, whose time it moves."""
    monkeypatch.setattr(lists, "_secret", lambda: b"secret")
    with timeline() as line:
        yield line
