"""What orders meet in the sandbox can be changed (contract §9)."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.network import interface, simulated
from infra.local.conditions import Conditions, NewConditions
from tests.support.client import Client
from tests.support.shop import Shop

CONDITIONS = "/sandbox/conditions"
FIRST = {"network": "normal", "esim_stock": "filled"}


@pytest.fixture
def changing(acme: Client) -> Iterator[Client]:
    """Somebody who changes them, and leaves them as they were."""
    assert acme.get(CONDITIONS).json() == FIRST
    yield acme
    acme.post(CONDITIONS, FIRST)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"network": "refusing"}, "network_rejected"), ({"esim_stock": "empty"}, "no_sim_available")],
)
def test_orders_fail_until_they_are_changed_back(
    changing: Client, shop: Shop, change: dict[str, str], code: str
) -> None:
    answer = changing.post(CONDITIONS, change)
    assert (answer.status, answer.json()) == (200, FIRST | change)
    order = shop.final(shop.place(shop.activation()))
    assert order["failure"]["code"] == code
    assert changing.post(CONDITIONS, FIRST).json() == FIRST
    shop.complete(shop.activation())


def test_what_is_left_out_stays(changing: Client) -> None:
    changing.post(CONDITIONS, {"network": "slow"})
    assert changing.post(CONDITIONS, {}).json() == FIRST | {"network": "slow"}
    assert changing.post(CONDITIONS, {"esim_stock": "empty"}).json() == {"network": "slow", "esim_stock": "empty"}
    assert changing.get(CONDITIONS).json() == {"network": "slow", "esim_stock": "empty"}


@pytest.mark.parametrize("change", [{"network": "angry"}, {"esim_stock": 0}, {"stock": "empty"}])
def test_others_are_refused(acme: Client, change: dict[str, Any]) -> None:
    assert acme.post(CONDITIONS, change).status == 400
    assert acme.get(CONDITIONS).json() == FIRST


def test_a_reset_restores_those_of_the_start() -> None:
    conditions = Conditions("slow")
    conditions.change(NewConditions(network="refusing", esim_stock="empty"))
    conditions.restart()
    assert conditions.shown() == {"network": "slow", "esim_stock": "filled"}


def test_only_what_was_changed_is_kept() -> None:
    """So a network that is asked for at the next start of a folder behaves so, unless somebody has chosen another."""
    conditions = Conditions("slow")
    assert conditions.changed == {}
    conditions.change(NewConditions(esim_stock="empty"))
    assert conditions.changed == {"esim_stock": "empty"}


@pytest.mark.parametrize(("network", "wish"), [("slow", {"network_takes_5s"}), ("refusing", {"network_rejects"})])
def test_the_network_treats_every_order_alike(network: str, wish: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(simulated, "handler", lambda event, _context: asked.append(event))
    detail = {"products": [{"product_id": "prd_1"}]}
    with Conditions(network).in_force():
        for kind in interface.REQUESTS:
            simulated.handler({"detail-type": kind, "detail": detail}, None)
    kinds = {event["detail-type"]: event["detail"] for event in asked}
    assert simulated._wishes(kinds.pop(interface.PROVISIONING_REQUESTED)) == wish
    assert [*kinds.values()] == [detail]
