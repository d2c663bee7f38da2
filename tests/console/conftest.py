"""One server and one browser for all tests of this folder. In the server, time is moved."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.developer import ZONE_NAME, Developer
from tests.support import server
from tests.support.browser import browsing
from tests.support.http import HttpClient, partner
from tests.support.inbox import Inbox, open_inbox
from tests.support.shop import Shop

PATIENCE_MS = 20_000
"""More than anything takes, because the machine may be busy with something else."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def running() -> Iterator[server.Server]:
    """The server."""
    with server.running(ESIMS="100") as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="session")
def http(running: server.Server) -> Iterator[httpx.Client]:
    """The partner acme's own program, beside the console; every test leaves its orders behind."""
    with partner(running.url, "acme") as client:
        yield client


@pytest.fixture(scope="session")
def shop(http: httpx.Client) -> Shop:
    """What it orders."""
    return Shop(HttpClient(http))


@pytest.fixture
def inbox(http: httpx.Client) -> Iterator[Inbox]:
    """Where it receives webhooks, none of which is left behind."""
    with open_inbox(Inbox()) as opened:
        yield opened
        for webhook in http.get("/webhooks").json()["_embedded"]["webhooks"]:
            http.delete(f"/webhooks/{webhook['id']}").raise_for_status()


@contextmanager
def well_behaved(page: Page, origin: str) -> Iterator[None]:
    """Fail if the page breaks its own policy, fails, or asks anybody else for anything."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message.type, message.text) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda sent: faults.append(sent.url) if not sent.url.startswith((f"{origin}/", "blob:")) else None
    )
    yield
    assert not faults


def _is_fault(kind: str, text: str) -> bool:
    # A refusal of the API, which a test asked for, is reported here, too.
    return kind in ("error", "warning") and "Failed to load resource" not in text


@pytest.fixture
def developer(browser: Browser, running: server.Server) -> Iterator[Developer]:
    """The partner's developer in front of the page, not signed in yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id=ZONE_NAME)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    with well_behaved(page, running.url):
        yield Developer(page, running.url)
    context.close()
