"""Two running servers for all tests of this folder: in one of them years pass."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support import server
from tests.support.http import partner


@pytest.fixture(scope="session")
def running() -> Iterator[server.Server]:
    """The server."""
    with server.running() as started:
        yield started


@pytest.fixture(scope="session")
def moving() -> Iterator[server.Server]:
    """The server in which time is moved far."""
    with server.running() as started:
        yield started


@pytest.fixture(scope="session")
def acme(running: server.Server) -> Iterator[httpx.Client]:
    """The partner acme."""
    with partner(running.url, "acme") as client:
        yield client


@pytest.fixture(scope="session")
def globex(running: server.Server) -> Iterator[httpx.Client]:
    """The other partner."""
    with partner(running.url, "globex") as client:
        yield client
