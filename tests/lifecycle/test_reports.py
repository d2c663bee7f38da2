"""What the mobile network reports comes over the bus, counts once, and is published (contract §6, §8 and §9)."""

from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from infra.local.functions import CLOCK
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.client import Client
from tests.support.shop import Shop

WEEK = "Germany 1 GB, 7 days"
Item = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox(system: System) -> Shop:
    """The partner acme and what it sells, read once."""
    return Shop(Client(system, "acme"))


@pytest.fixture
def shop(acme: Client, sandbox: Shop) -> Shop:
    """The same, with nothing left over from other tests' rate limits."""
    sandbox.client = acme
    return sandbox


def report(client: Client, kind: str, **fields: Any) -> str:
    """Let the network report, and wait until that is taken; the report's id."""
    answer = client.post("/sandbox/network-events", {"type": kind, **fields})
    assert answer.status == 202, answer.json()
    client.system.quiesce()
    return str(answer.json()["id"])


def use(shop: Shop, subscription_id: str, amount: int, kind: str = "data", **fields: Any) -> str:
    usage = {"subscription_id": subscription_id, "allowance_type": kind, "amount": amount, "country": "DE"}
    return report(shop.client, "usage", **usage | fields)


def event_data(resource_id: str, event_type: str) -> list[Item]:
    """The data of the events of this type of a resource."""
    found = [event for event in evidence.events() if event.type == event_type]
    return [event.data for event in found if next(iter(event.data.values()))["id"] == resource_id]


def buy(shop: Shop, subscription_id: str, name: str, mode: str = "immediate") -> Item:
    """A new product of the subscription."""
    addons = bodies.addons(shop.find(lambda item: item["name"] == name), mode=mode)
    order = shop.complete(bodies.topup(subscription_id, products={"addons": addons}))
    (product,) = shop.walk(f"/products?order-id={order['id']}", "products")
    return product


def read(shop: Shop, path: str) -> Item:
    return dict(shop.client.get(path).json())


def balances(product: Item) -> list[tuple[int, int]]:
    """What is spent and what remains of each."""
    return [(found["spent"], found["remaining"]) for found in product["_embedded"]["balances"]]


class TestUsage:
    """First usage and usage."""

    def test_first_usage_starts_the_oldest_that_fits(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        france, older, newer = (
            buy(shop, subscription_id, name, "first_usage") for name in ("France 2 GB, 14 days", WEEK, WEEK)
        )
        report(shop.client, "first_usage", subscription_id=subscription_id, country="DE")
        statuses = [read(shop, f"/products/{product['id']}")["status"] for product in (france, older, newer)]
        assert statuses == ["pending", "active", "pending"]
        (data,) = event_data(older["id"], "product.active")
        assert data == {"product": read(shop, f"/products/{older['id']}")}
        report(shop.client, "first_usage", subscription_id=subscription_id, country="JP")
        assert read(shop, f"/products/{newer['id']}") == newer

    def test_an_id_counts_once_per_partner(self, shop: Shop, globex: Client) -> None:
        same = {"id": f"cdr {uuid4()}"}
        subscriptions = [(each, each.subscribe()) for each in (shop, Shop(globex))]
        for _ in range(2):
            for each, subscription_id in subscriptions:
                assert use(each, subscription_id, 7, **same) == same["id"]
        for each, subscription_id in subscriptions:
            (plan,) = each.products(subscription_id)
            assert balances(plan)[0][0] == 7
        report(shop.client, "terminated", subscription_id=subscriptions[0][1], **same)
        assert read(shop, f"/subscriptions/{subscriptions[0][1]}")["status"] == "active"


class TestSim:
    """Where the network sees an eSIM's profile."""

    def test_installed_and_deleted(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        sim_id = _sim(shop, subscription_id)["id"]
        for _ in range(2):
            report(shop.client, "sim_installed", sim_profile_id=sim_id)
        assert _sim(shop, subscription_id)["profile_status"] == "installed"
        (data,) = event_data(subscription_id, "subscription.sim_profile.installed")
        assert data == {"subscription": read(shop, f"/subscriptions/{subscription_id}")}
        report(shop.client, "sim_deleted", sim_profile_id=sim_id)
        assert _sim(shop, subscription_id) == read(shop, f"/sim-profiles/{sim_id}")
        assert evidence.event_types_of(subscription_id)[-2:] == [
            "subscription.sim_profile.installed",
            "subscription.sim_profile.deleted",
        ]


class TestCountry:
    """Where a subscription is."""

    def test_it_travels(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        for country in ("DE", "DE", "FR", "DE"):
            report(shop.client, "country_changed", subscription_id=subscription_id, country=country)
        found = event_data(subscription_id, "subscription.sim_profile.country_changed")
        places = [(data["location"].get("previous_country"), data["location"]["current_country"]) for data in found]
        assert places == [(None, "DE"), ("DE", "FR"), ("FR", "DE")]
        assert [data.keys() for data in found] == [{"subscription", "location"}] * 3
        assert [len(data["location"]) for data in found] == [2, 3, 3]
        assert found[-1]["subscription"] == read(shop, f"/subscriptions/{subscription_id}")
        assert found[-1]["location"]["landed_at"] <= found[-1]["subscription"]["updated_at"]


def test_of_a_subscription_that_is_still_activated(shop: Shop, slow_network: Event) -> None:
    """The report waits, and the clock brings it again when the subscription is active."""
    order = shop.place(shop.activation(shop.sandbox("network_takes_5s")))
    order = shop.until(order, lambda now: "_embedded" in now)
    subscription = order["_embedded"]["subscription"]
    assert subscription["status"] == "created"
    body = {"type": "terminated", "subscription_id": subscription["id"]}
    assert shop.client.post("/sandbox/network-events", body).status == 202
    slow_network.set()
    assert shop.final(order)["status"] == "completed"
    shop.client.system.functions.invoke(CLOCK, {})
    assert evidence.event_types_of(subscription["id"]) == [
        "subscription.active",
        "subscription.sim_profile.ready_for_installation",
        "subscription.terminated",
    ]


def _sim(shop: Shop, subscription_id: str) -> Item:
    return dict(read(shop, f"/subscriptions/{subscription_id}")["_embedded"]["sim_profile"])
