"""What every test of the lifecycle needs."""

from collections.abc import Iterator

import pytest

from functions.shared import lists
from infra.local.patches import replaced
from tests.support.timeline import Timeline, timeline


@pytest.fixture
def line() -> Iterator[Timeline]:
    """A system of the test's own, whose time it moves.

    What a test patches in it is put back before it ends, so nothing may be patched here by the test's ``monkeypatch``.
    """
    with timeline() as line, replaced(lists, "_secret", lambda _secret: lambda: b"secret"):
        yield line
