"""The consumer of the log that docs/webhooks.md shows fills a copy from a running server."""

import importlib
import json
import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, Server
from tests.support.shop import Shop

PROGRAMS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
SHOWN_WITHIN_SECONDS = 20


@pytest.fixture
def catching_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's module."""
    for name, program in zip(("receiver", "catching_up"), PROGRAMS, strict=True):
        (tmp_path / f"{name}.py").write_text(program)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DATABASE", str(tmp_path / "events.db"))
    return importlib.import_module("catching_up")


def copies(folder: Path) -> dict[str, Any]:
    """What the receiver holds of each resource."""
    with closing(sqlite3.connect(folder / "events.db")) as database:
        return {key: json.loads(text) for key, text in database.execute("SELECT id, document FROM copies")}


def test_a_copy_is_filled_from_the_log(running: Server, acme: httpx.Client, catching_up: Any, tmp_path: Path) -> None:
    made = acme.post("/sandbox/partners").json()
    with partner(running.url, made["client_id"]) as http:
        shop = Shop(HttpClient(http))
        order_id = shop.complete(shop.activation())["id"]
        deadline = time.monotonic() + SHOWN_WITHIN_SECONDS
        path = catching_up.BEGINNING
        while copies(tmp_path).get(order_id, {}).get("status") != "completed":
            assert time.monotonic() < deadline
            path = catching_up.catch_up(http, path)
            time.sleep(0.1)
        held = copies(tmp_path)
        assert held[order_id]["status"] == http.get(f"/orders/{order_id}").json()["status"]
        (subscription,) = http.get("/subscriptions").json()["_embedded"]["subscriptions"]
        assert held[subscription["id"]]["status"] == subscription["status"] == "active"
        assert catching_up.catch_up(http) != catching_up.BEGINNING
        assert copies(tmp_path) == held
