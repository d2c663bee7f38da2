"""A server that answers what it was sent."""

from collections.abc import Iterator

import pytest

from infra.local.server import Server
from tests.local.lines import listening


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the echo listens."""
    yield from listening(Server(0))
