"""What every test of the lifecycle needs."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from functions.shared import lists
from infra.local.patches import replaced
from tests.lifecycle.renewals import started
from tests.support.endpoints import Endpoints
from tests.support.log import Log, recorded
from tests.support.timeline import Timeline, after, timeline


@pytest.fixture
def line() -> Iterator[Timeline]:
    """A system of the test's own, whose time it moves.

    What a test patches in it is put back before it ends, so nothing may be patched here by the test's ``monkeypatch``.
    """
    with timeline() as line, replaced(lists, "_secret", lambda _secret: lambda: b"secret"):
        yield line


@pytest.fixture
def subscription(line: Timeline) -> str:
    """A new subscription with a plan that renews every month."""
    return line.subscribe()


@pytest.fixture
def end(line: Timeline, subscription: str) -> datetime:
    """The end of the plan's first cycle."""
    return after(started(line, subscription, "monthly"), 1)


@pytest.fixture
def endpoints(line: Timeline) -> Endpoints:
    """The webhooks of the partner, and what it does with them."""
    return Endpoints(line.world)


@pytest.fixture
def log(line: Timeline) -> Iterator[Log]:
    """From when the system is there."""
    assert line
    with recorded(here=True) as log:
        yield log
