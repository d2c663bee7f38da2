"""A folder keeps everything, and opened elsewhere shows what its owner saw: a bug report (contract §9)."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from infra.local.folder import SETTING, WRITE_SECONDS, Folder
from infra.local.keeping import ITEM
from infra.local.sandbox import NOW
from tests.e2e.test_partners import everything, now_of
from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, Server, clean_environment, running
from tests.support.shop import Shop

BASE = "http://sandbox.test"
"""What links begin with, wherever it runs: what was stored keeps its links."""
ESIMS = 20
HARSH = {"network": "refusing", "esim_stock": "empty"}
"""What orders meet, after somebody has changed it."""


def stock(data: Path) -> int:
    """How many eSIMs are left in acme's stock, in a folder that is closed."""
    folder = Folder(data)
    left = len([item for item in folder.all(ITEM).values() if item["pk"] == {"S": "acme#esim_stock"}])
    folder.stop()
    return left


def kill(server: Server, number: signal.Signals) -> int:
    server.process.send_signal(number)
    return server.process.wait(15)


def secret_codes(http: httpx.Client) -> dict[str, Any]:
    """Where the PIN and PUK of the only subscription's SIM are, and what they are."""
    (subscription,) = http.get("/subscriptions").json()["_embedded"]["subscriptions"]
    path = f"/sim-profiles/{subscription['_embedded']['sim_profile']['id']}/secret-codes"
    return {"of": path, "are": http.get(path).raise_for_status().json()}


@contextmanager
def opened_elsewhere(folder: Path, token: str) -> Iterator[tuple[Server, httpx.Client]]:
    """The folder's sandbox, with settings that count only for a new one, and a client with a token of before."""
    with (
        running(DATA=str(folder), PUBLIC_URL=BASE, ESIMS="0", SEED="8", CATALOG=__file__) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": token}, timeout=30) as client,
    ):
        yield server, client


def test_a_killed_sandbox_goes_on_elsewhere(tmp_path: Path) -> None:
    """Killed with one order settled, one that the network is slow with, and many that were only just accepted."""
    first, other = tmp_path / "first", tmp_path / "other"
    settings = {"PUBLIC_URL": BASE, "ESIMS": str(ESIMS), "SEED": "7"}
    key = {"Idempotency-Key": "kept"}
    with running(DATA=str(first), **settings) as server, partner(server.url, "acme") as acme:
        made = acme.post("/sandbox/partners", json={"rate": 1, "burst": 3}, headers=key).json()
        shop = Shop(HttpClient(acme))
        shop.subscribe()
        acme.post("/sandbox/clock", json={"advance": "P40D"}).raise_for_status()
        now, codes, token = now_of(acme), secret_codes(acme), acme.headers["Authorization"]
        seen = everything(server.url, "acme")
        page = acme.get("/product-offerings?limit=2").json()["_links"]["next"]["href"].removeprefix(BASE)
        orders = [shop.place(shop.activation(shop.sandbox("network_takes_5s")))]
        time.sleep(WRITE_SECONDS + 0.5)
        orders += [shop.place(shop.activation()) for _ in range(6)]
        time.sleep(WRITE_SECONDS)
        assert kill(server, signal.SIGKILL) == -signal.SIGKILL
    shutil.copytree(first, other)
    with opened_elsewhere(other, token) as (server, acme):
        assert timedelta(0) <= now_of(acme) - now < timedelta(minutes=5)
        assert now - datetime.now(UTC) > timedelta(days=39)
        assert acme.get(codes["of"]).json() == codes["are"]
        assert acme.post("/sandbox/partners", json={"rate": 1, "burst": 3}, headers=key).json() == made
        assert everything(server.url, "acme") == seen
        assert acme.get(page).status_code == 200
        shop = Shop(HttpClient(acme))
        there = [order for order in orders if acme.get(f"/orders/{order['id']}").status_code == 200]
        assert there[0] == orders[0]
        assert {shop.final(order)["status"] for order in there} == {"completed"}
        with partner(server.url, made["client_id"]) as limited:
            assert [limited.get("/orders").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert acme.post("/sandbox/partners").json()["client_id"] != made["client_id"]
        assert kill(server, signal.SIGTERM) == 0
    assert stock(other) == ESIMS - 1 - len(there)


def test_a_sandbox_that_is_stopped_has_lost_nothing(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text((ROOT / "docs" / "operator.md").read_text().split("```csv\n")[1].split("```")[0])
    data = tmp_path / "data"
    with running(DATA=str(data), CATALOG=str(catalog)) as server, partner(server.url, "acme") as acme:
        acme.post("/sandbox/clock", json={"advance": "P1Y"}).raise_for_status()
        last = [acme.post("/accounts", json=ACCOUNT).raise_for_status().json() for _ in range(5)][-1]
        acme.post("/sandbox/conditions", json=HARSH).raise_for_status()
        now = now_of(acme)
        assert kill(server, signal.SIGTERM) == 0
    catalog.unlink()
    opened = as_if_closed_for(timedelta(days=400), data, now)
    with running(DATA=str(data), NETWORK="slow") as server, partner(server.url, "acme") as acme:
        assert timedelta(0) <= now_of(acme) - opened < timedelta(minutes=5)
        assert acme.get(f"/accounts/{last['id']}").status_code == 200
        assert acme.get("/sandbox/conditions").json() == HARSH
        assert len(names(server)) == 3
        second_process_is_refused(data)
        acme.post("/sandbox/reset", timeout=60).raise_for_status()
        assert acme.get("/sandbox/conditions").json() == {"network": "slow", "esim_stock": "filled"}
        assert len(names(server)) == 3
        assert abs(now_of(acme) - datetime.now(UTC)) < timedelta(minutes=5)
        assert kill(server, signal.SIGTERM) == 0
    with running(DATA=str(data)) as server, partner(server.url, "acme") as acme:
        assert acme.get(f"/accounts/{last['id']}").status_code == 404
        assert acme.get("/sandbox/conditions").json() == {"network": "normal", "esim_stock": "filled"}
        assert abs(now_of(acme) - datetime.now(UTC)) < timedelta(minutes=5)


def names(server: Server) -> set[str]:
    """What acme sells."""
    return {offering["name"] for offering in everything(server.url, "acme")["/product-offerings"]}


def as_if_closed_for(period: timedelta, data: Path, seen: datetime) -> datetime:
    """Let the folder's time be as long ago, and return it; it must be the one that was seen last."""
    folder = Folder(data)
    now = datetime.fromisoformat(folder.all(SETTING)[NOW])
    assert timedelta(0) <= now - seen < timedelta(minutes=5)
    folder.note((SETTING, NOW, (now - period).isoformat()))
    folder.stop()
    return now - period


ACCOUNT = {
    "type": "personal",
    "owner": {"first_name": "Ada", "last_name": "Lovelace", "address": {"country": "DE"}},
}


def second_process_is_refused(data: Path) -> None:
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "infra.local", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"{data} is in use by another sandbox\n")
