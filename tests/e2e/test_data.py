"""A folder keeps everything, and opened elsewhere shows what its owner saw: a bug report (contract §9)."""

import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from infra.local.folder import WRITE_SECONDS
from tests.e2e.test_partners import everything, now_of
from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, Server, clean_environment, running
from tests.support.shop import Shop

BASE = "http://sandbox.test"
"""What links begin with, wherever it runs: what was stored keeps its links."""
ESIMS = 20


def esims(http: httpx.Client) -> dict[str, int]:
    """How many eSIMs there are of each status."""
    counts: dict[str, int] = {}
    for sim in Shop(HttpClient(http)).walk("/sim-profiles?limit=40", "sim_profiles"):
        if sim["sim_type"] == "esim":
            counts[sim["status"]] = counts.get(sim["status"], 0) + 1
    return counts


def kill(server: Server, number: signal.Signals) -> int:
    server.process.send_signal(number)
    return server.process.wait(15)


def code_of(http: httpx.Client) -> Any:
    sim = next(iter(Shop(HttpClient(http)).walk("/sim-profiles?status=active", "sim_profiles")))
    return http.get(f"/sim-profiles/{sim['id']}/secret-codes").json()


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
        now, codes, token = now_of(acme), code_of(acme), acme.headers["Authorization"]
        seen = everything(server.url, "acme")
        page = acme.get("/sim-profiles?limit=2").json()["_links"]["next"]["href"].removeprefix(BASE)
        orders = [shop.place(shop.activation(shop.sandbox("network_takes_5s")))]
        time.sleep(WRITE_SECONDS + 0.5)
        orders += [shop.place(shop.activation()) for _ in range(6)]
        time.sleep(WRITE_SECONDS)
        assert kill(server, signal.SIGKILL) == -signal.SIGKILL
    shutil.copytree(first, other)
    with running(DATA=str(other), PUBLIC_URL=BASE, ESIMS="0", SEED="8", CATALOG=__file__) as server:
        with httpx.Client(base_url=server.url, headers={"Authorization": token}, timeout=30) as acme:
            assert timedelta(0) <= now_of(acme) - now < timedelta(seconds=60)
            assert now - datetime.now(UTC) > timedelta(days=39)
            assert acme.post("/sandbox/partners", json={"rate": 1, "burst": 3}, headers=key).json() == made
            assert everything(server.url, "acme") == seen
            assert (code_of(acme), acme.get(page).status_code) == (codes, 200)
            shop = Shop(HttpClient(acme))
            there = [order for order in orders if acme.get(f"/orders/{order['id']}").status_code == 200]
            assert orders[0] in there
            assert {shop.final(order)["status"] for order in there} == {"completed"}
            assert esims(acme) == {"active": 1 + len(there), "in_stock": ESIMS - 1 - len(there)}
            limited = partner(server.url, made["client_id"])
            assert [limited.get("/orders").status_code for _ in range(4)] == [200, 200, 200, 429]
            assert acme.post("/sandbox/partners").json()["client_id"] != made["client_id"]


def test_a_sandbox_that_is_stopped_has_lost_nothing(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text((ROOT / "docs" / "operator.md").read_text().split("```csv\n")[1].split("```")[0])
    data = tmp_path / "data"
    with running(DATA=str(data), CATALOG=str(catalog)) as server, partner(server.url, "acme") as acme:
        acme.post("/sandbox/clock", json={"advance": "P1Y"}).raise_for_status()
        last = [acme.post("/accounts", json=ACCOUNT).raise_for_status().json() for _ in range(5)][-1]
        now = now_of(acme)
        assert kill(server, signal.SIGTERM) == 0
    catalog.unlink()
    stopped = datetime.now(UTC)
    with running(DATA=str(data)) as server, partner(server.url, "acme") as acme:
        later = now_of(acme)
        assert acme.get(f"/accounts/{last['id']}").status_code == 200
        assert later - now < datetime.now(UTC) - stopped + timedelta(seconds=3)
        offerings = everything(server.url, "acme")["/product-offerings"]
        assert len(offerings) == 3
        second_process_is_refused(data)
        acme.post("/sandbox/reset", timeout=60).raise_for_status()
        assert everything(server.url, "acme")["/product-offerings"] == offerings
        assert abs(now_of(acme) - datetime.now(UTC)) < timedelta(seconds=5)
        assert kill(server, signal.SIGTERM) == 0
    with running(DATA=str(data)) as server, partner(server.url, "acme") as acme:
        assert acme.get(f"/accounts/{last['id']}").status_code == 404
        assert abs(now_of(acme) - datetime.now(UTC)) < timedelta(seconds=10)


ACCOUNT = {
    "type": "personal",
    "owner": {"first_name": "Ada", "last_name": "Lovelace", "address": {"country": "DE"}},
}


def second_process_is_refused(data: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"{data} is in use by another sandbox\n")
