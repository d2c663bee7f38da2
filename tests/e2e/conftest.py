"""One running server for all tests of this folder."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e import server


@pytest.fixture(scope="session")
def running() -> Iterator[server.Server]:
    """The server."""
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


def partner(url: str, name: str) -> httpx.Client:
    """A client with the partner's token."""
    grant = {"grant_type": "client_credentials"}
    token = httpx.post(f"{url}/oauth2/token", data=grant, auth=(name, f"{name}-secret")).json()["access_token"]
    limits = httpx.Limits(max_connections=32)
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, limits=limits, timeout=30)
