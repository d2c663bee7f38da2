"""``make smoke`` against a running server: it sees that all is well, and what is not, and cleans up after itself."""

from typing import Any

import httpx
import pytest

from functions.routes import ORDER_TYPES, SCOPES
from infra.smoke import __main__ as smoke
from tests.support.http import partner
from tests.support.server import Server, free_port


@pytest.fixture
def client_id(acme: httpx.Client) -> str:
    """A partner of the test's own."""
    return str(acme.post("/sandbox/partners").json()["client_id"])


def smoked(url: str, client_id: str, **settings: str) -> int:
    """Run it; return the exit code."""
    return smoke.main([url], {"CLIENT_ID": client_id, "CLIENT_SECRET": f"{client_id}-secret", **settings})


def left(url: str, client_id: str) -> tuple[list[str], list[Any]]:
    """The statuses of the partner's subscriptions, and its webhooks."""
    with partner(url, client_id) as client:
        subscriptions = client.get("/subscriptions").json()["_embedded"]["subscriptions"]
        return [each["status"] for each in subscriptions], client.get("/webhooks").json()["_embedded"]["webhooks"]


def test_it_places_an_order_of_each_type(running: Server, client_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoked(running.url + "/", client_id) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok   ") for line in lines)
    ordered = [line.split()[1] for line in lines if " is completed after " in line]
    assert sorted(ordered) == sorted(ORDER_TYPES)
    assert "ok   order.completed has arrived, and its signature is right" in lines
    assert left(running.url, client_id) == (["canceled"], [])


def test_where_no_receiver_is_reached_the_delivery_tells(
    running: Server, client_id: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(smoke, "HERE", set())
    assert smoked(running.url, client_id) == 0
    assert "order.completed was sent, and refused with 401 (there is no receiver)" in capsys.readouterr().out


def test_a_fault_is_told_and_nothing_is_left(
    running: Server, acme: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    scopes = [scope for scope in SCOPES if scope != "products/read"]
    made = acme.post("/sandbox/partners", json={"scopes": scopes}).json()["client_id"]
    assert smoked(running.url, made) == 1
    assert capsys.readouterr().err.startswith("FAULT answered 403 instead of 200: ")
    assert left(running.url, made) == (["canceled"], [])


def test_a_wrong_secret_is_a_fault(running: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoked(running.url, "acme", CLIENT_SECRET="guessed") == 1
    assert capsys.readouterr().err.startswith("FAULT answered 401 instead of 200: ")


@pytest.mark.parametrize(("url", "settings"), [("", {}), ("ftp://a", {}), ("http://a", {"CLIENT_SECRET": ""})])
def test_what_is_missing_is_told(url: str, settings: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert smoked(url, "acme", **settings) == 2
    assert "is needed" in capsys.readouterr().err


def test_who_cannot_be_reached_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoked(f"http://127.0.0.1:{free_port()}", "acme") == 2
    assert "cannot be reached" in capsys.readouterr().err
