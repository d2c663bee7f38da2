"""What a partner's program does, over real HTTP against the running system."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.support import bodies
from tests.support.http import partner
from tests.support.server import ROOT, Server

FINAL = {"completed", "failed"}


def items(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """A page of a list."""
    (found,) = client.get(path).json()["_embedded"].values()
    return list(found)


def activation(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    """The body of an activation with a plan and two add-ons that fit it."""
    plan = items(client, "/product-offerings?type=plan")[0]["id"]
    addons = [item["id"] for item in items(client, f"/product-offerings/{plan}/compatible?limit=2")]
    return bodies.activation(items(client, "/subscribers")[0]["id"], plan, *addons, **fields)


def patient(send: Any) -> httpx.Response:
    """Send, and again after the pause that a 429 asks for, as a client should."""
    while True:
        answer: httpx.Response = send()
        if answer.status_code != 429:
            return answer
        time.sleep(float(answer.headers["Retry-After"]))


def final(client: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    """The order once it is final."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        now = dict(patient(lambda: client.get(order["_links"]["self"]["href"])).json())
        if now["status"] in FINAL:
            return now
        time.sleep(0.3)
    raise AssertionError(now)


def done(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """An order that is accepted and completed."""
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    order = final(client, answer.json())
    assert order["status"] == "completed", order
    return order


def seconds(order: dict[str, Any]) -> float:
    """How long it took."""
    accepted, completed = (datetime.fromisoformat(order[name]) for name in ("created_at", "completed_at"))
    return (completed - accepted).total_seconds()


def links(resource: Any) -> Iterator[str]:
    """Every link in a resource, embedded ones too."""
    if isinstance(resource, dict):
        yield from (link["href"] for link in resource.get("_links", {}).values())
        for member in resource.values():
            yield from links(member)


def test_the_server_greets_with_a_first_request(running: Server) -> None:
    assert running.greeting[-1].startswith(f"ready on {running.url}")
    assert httpx.get(f"{running.url}/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("by_basic", "secret", "status"), [(True, "acme-secret", 200), (False, "acme-secret", 200), (False, "wrong", 401)]
)
def test_a_token_by_either_way(running: Server, by_basic: bool, secret: str, status: int) -> None:
    form = {"grant_type": "client_credentials"} | ({} if by_basic else {"client_id": "acme", "client_secret": secret})
    asked = httpx.post(f"{running.url}/oauth2/token", data=form, auth=("acme", secret) if by_basic else None)
    assert asked.status_code == status, asked.text
    if status == 200:
        token = asked.json()
        assert (token["token_type"], token["expires_in"] > 0) == ("Bearer", True)
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert httpx.get(f"{running.url}/subscribers", headers=headers).status_code == 200


def test_a_subscriptions_life(acme: httpx.Client) -> None:
    orders = [done(acme, "/orders/activate-subscription", activation(acme)) for _ in range(3)]
    assert min(seconds(order) for order in orders) < 3, "the best of three: the machine may be busy with something else"
    order = orders[0]
    subscription = order["_embedded"]["subscription"]
    on_it = {"subscription_id": subscription["id"]}
    addon = activation(acme)["products"]["addons"][:1]
    done(acme, "/orders/topup-subscription", on_it | {"purchase_location": "DE", "products": {"addons": addon}})
    swapped = done(acme, "/orders/swap-subscription-sim", on_it)
    sims = [item["_embedded"]["sim_profile"]["id"] for item in (subscription, swapped["_embedded"]["subscription"])]
    assert len(set(sims)) == 2
    done(acme, "/orders/cancel-subscription", on_it)
    assert acme.get(f"/subscriptions/{subscription['id']}").json()["status"] == "canceled"
    statuses = {item["status"] for item in items(acme, f"/products?subscription-id={subscription['id']}")}
    assert statuses == {"terminated"}


def test_links_lead_where_they_say(acme: httpx.Client) -> None:
    order = done(acme, "/orders", activation(acme))
    subscription = acme.get(f"/subscriptions/{order['_embedded']['subscription']['id']}").json()
    products = acme.get(subscription["_links"]["products"]["href"]).json()
    actions = {"grace", "suspend", "deactivate"}
    install = ("https://esimsetup.apple.com/", "https://esimsetup.android.com/")
    for href in {*links(order), *links(subscription), *links(products)}:
        if href.startswith(install):
            continue
        assert href.startswith(str(acme.base_url))
        if href.rpartition("/")[2] not in actions:
            assert acme.get(href).status_code == 200


def test_a_physical_sim(acme: httpx.Client) -> None:
    reserved = acme.post("/sim-profiles/reserve", json={"activation_code": "SANDBOX-0050"}).json()
    sim = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
    order = done(acme, "/orders/activate-subscription", activation(acme, sim_profile=sim))
    assert order["_embedded"]["subscription"]["_embedded"]["sim_profile"]["id"] == reserved["id"]


def test_a_rejected_activation_leaves_nothing(acme: httpx.Client) -> None:
    device = {"uicc": {"eid": "0" * 28 + "0001"}}
    before = items(acme, "/subscriptions")
    order = final(acme, acme.post("/orders/activate-subscription", json=activation(acme, device=device)).json())
    assert (order["status"], order["failure"]["code"]) == ("failed", "network_rejected")
    assert "_embedded" not in order
    assert items(acme, "/subscriptions") == before
    assert items(acme, f"/products?order-id={order['id']}") == []


def test_another_partners_resources_are_not_there(acme: httpx.Client, globex: httpx.Client) -> None:
    order = done(acme, "/orders/activate-subscription", activation(acme))
    mine = activation(acme)["products"]["plan"]["product_offering_id"]
    paths = [f"/orders/{order['id']}", f"/subscriptions/{order['_embedded']['subscription']['id']}"]
    for path in [*paths, f"/product-offerings/{mine}"]:
        assert (acme.get(path).status_code, globex.get(path).status_code) == (200, 404)


def test_sixteen_clients_at_once_lose_nothing(running: Server, acme: httpx.Client) -> None:
    body = activation(acme)

    def place(number: int) -> dict[str, Any]:
        with partner(running.url, "acme") as client:
            key = {"Idempotency-Key": f"sixteen at once {number}"}
            accepted = patient(lambda: client.post("/orders/activate-subscription", json=body, headers=key))
            assert accepted.status_code == 201, accepted.text
            return dict(accepted.json())

    with ThreadPoolExecutor(16) as pool:
        accepted = list(pool.map(place, range(64)))
    # Only one asks for them, so that the system is busy with the orders and not with the questions.
    orders = [final(acme, order) for order in accepted]
    assert {order["status"] for order in orders} == {"completed"}
    assert len({order["id"] for order in orders}) == 64
    sims = [order["_embedded"]["subscription"]["_embedded"]["sim_profile"] for order in orders]
    assert len({sim["id"] for sim in sims}) == len({sim["iccid"] for sim in sims}) == 64


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "/orders", {"Authorization": ""}, b"", 401),
        ("GET", "/orders", {"Authorization": "Bearer nonsense"}, b"", 401),
        ("GET", "/nothing", {}, b"", 404),
        ("DELETE", "/orders", {}, b"", 405),
        ("POST", "/orders", {"Content-Type": "application/json"}, b" " * 300_000, 413),
        ("POST", "/orders", {"Content-Type": "text/plain"}, b"{}", 415),
        ("POST", "/orders", {"Content-Type": "application/json; charset=utf-8"}, b"{", 400),
    ],
)
def test_refusals(
    acme: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = acme.request(method, path, headers=headers, content=body)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Correlation-Id"] == answer.json()["correlation_id"]


def test_the_port_is_in_use(running: Server) -> None:
    command = [sys.executable, "-m", "infra.local"]
    port = running.url.rpartition(":")[2]
    environment = os.environ | {"PORT": port}
    second = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=30
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert port in second.stderr
    assert "choose another one with PORT" in second.stderr
