"""A partner of one's own, and a fresh start (contract §9)."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.support.http import HttpClient, partner
from tests.support.server import Server
from tests.support.shop import Shop

SEEDED = (
    ("/product-offerings", "product_offerings"),
    ("/product-catalogs", "product_catalogs"),
    ("/coverage-areas", "coverage_areas"),
    ("/accounts", "accounts"),
    ("/subscribers", "subscribers"),
)


def everything(url: str, client_id: str) -> dict[str, list[dict[str, Any]]]:
    """What lists show of a partner."""
    with partner(url, client_id) as http:
        shop = Shop(HttpClient(http))
        return {path: list(shop.walk(f"{path}?limit=40", plural)) for path, plural in SEEDED}


def now_of(http: httpx.Client) -> datetime:
    """The sandbox's time."""
    return datetime.fromisoformat(http.get("/sandbox/clock").json()["now"])


def ids(shown: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {item["id"] for items in shown.values() for item in items}


def test_a_partner_of_ones_own_has_all_that_the_others_have(running: Server, acme: httpx.Client) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    made = acme.post("/sandbox/partners", json={"name": "Tests"}, headers=key)
    assert made.status_code == 201
    assert acme.post("/sandbox/partners", json={"name": "Tests"}, headers=key).json() == made.json()
    client_id = made.json()["client_id"]
    assert made.json() == {"client_id": client_id, "client_secret": f"{client_id}-secret", "name": "Tests"}
    assert ids(everything(running.url, client_id)).isdisjoint(ids(everything(running.url, "acme")))
    with partner(running.url, client_id) as http:
        shop = Shop(HttpClient(http))
        assert shop.complete(shop.activation())
        reserved = http.post("/sim-profiles/reserve", json={"activation_code": "SANDBOX-0001"})
        assert reserved.status_code == 201


def test_a_reset_brings_back_the_first_state(moving: Server) -> None:
    url = moving.url
    with partner(url, "acme") as http:
        assert http.post("/sandbox/reset").status_code == 204
        before = {name: everything(url, name) for name in ("acme", "globex")}
        own = http.post("/sandbox/partners").json()["client_id"]
        shop = Shop(HttpClient(http))
        start = now_of(http)
        http.patch(f"/product-offerings/{shop.plan}", json={"name": "Mine"}).raise_for_status()
        with partner(url, own) as other, ThreadPoolExecutor() as pool:
            mine = Shop(HttpClient(other))
            mine.complete(mine.activation())
            move = pool.submit(other.post, "/sandbox/clock", json={"advance": "P5Y"}, timeout=60)
            while now_of(http) < start + timedelta(days=1):
                time.sleep(0.05)
            times = http.get("/sandbox/clock").json()
            assert datetime.fromisoformat(times["moving_to"]) > start + timedelta(days=5 * 365)
            left = shop.place(shop.activation(eid="0" * 28 + "0002"))
            assert http.post("/sandbox/reset", timeout=60).status_code == 204
            assert move.result().status_code == 409
            assert other.get("/orders").status_code == 401
        assert {name: everything(url, name) for name in ("acme", "globex")} == before
        assert http.get(f"/orders/{left['id']}").status_code == 404
        assert abs(datetime.now(UTC) - now_of(http)) < timedelta(seconds=5)
        assert shop.complete(shop.activation())
