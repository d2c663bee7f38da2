"""What the mobile network reports comes over the bus, counts once, and is told (contract §6, §8 and §9)."""

from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from functions.shared import clock
from infra.bus import NETWORK_REPORTS
from infra.local.functions import CLOCK
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.client import Client
from tests.support.shop import Shop

GIGABYTE = 1024**3
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


def take(system: System, kind: str, occurred_at: str, **fields: Any) -> None:
    """What the bus brings of something that happened then."""
    detail = {"id": str(uuid4()), "partner": "acme", "occurred_at": occurred_at, **fields}
    system.functions.invoke(NETWORK_REPORTS.module, {"detail-type": f"network.{kind}", "detail": detail})


def told(resource_id: str, event_type: str) -> list[Item]:
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
        (data,) = told(older["id"], "product.active")
        assert data == {"product": read(shop, f"/products/{older['id']}")}
        report(shop.client, "first_usage", subscription_id=subscription_id, country="JP")
        assert read(shop, f"/products/{newer['id']}") == newer

    def test_thresholds_and_depletion(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        week = buy(shop, subscription_id, WEEK)
        eighty = -(-GIGABYTE * 8 // 10)
        path = f"/products/{week['id']}"
        use(shop, subscription_id, eighty - 1)
        assert told(week["id"], "balance.threshold.exceeded") == []
        use(shop, subscription_id, 1)
        (data,) = told(week["id"], "balance.threshold.exceeded")
        threshold = {"allowance_type": "data", "percentage": 80}
        assert data == {"product": read(shop, path), "threshold": threshold}
        active = read(shop, path)
        use(shop, subscription_id, GIGABYTE - eighty)
        depleted = read(shop, path)
        assert (depleted["status"], balances(depleted)) == ("depleted", [(GIGABYTE, 0)])
        events = [
            "product.active",
            "balance.threshold.exceeded",
            "balance.threshold.exceeded",
            "product.depleted",
        ]
        assert evidence.told_of(week["id"]) == events
        before = active | {"updated_at": depleted["updated_at"]}
        before["_embedded"] |= {"balances": depleted["_embedded"]["balances"]}
        assert told(week["id"], "balance.threshold.exceeded")[1] == {
            "product": before,
            "threshold": threshold | {"percentage": 100},
        }
        assert told(week["id"], "product.depleted") == [{"product": depleted}]

    @pytest.mark.parametrize(
        ("kind", "name", "amounts", "spent"),
        [
            ("voice", "Germany 60 minutes, 30 days", [61, 1, 60], 4),
            ("sms", "Europe 100 messages, 30 days", [3, 4], 7),
            ("data", WEEK, [1, GIGABYTE], GIGABYTE),
        ],
    )
    def test_each_kind(self, shop: Shop, kind: str, name: str, amounts: list[int], spent: int) -> None:
        subscription_id = shop.subscribe()
        product = buy(shop, subscription_id, name)
        for amount in amounts:
            use(shop, subscription_id, amount, kind)
        found = read(shop, f"/products/{product['id']}")
        assert balances(found)[0][0] == spent
        assert all(balance["initial"] == balance["remaining"] + balance["spent"] for balance in _limited(found))

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
        (data,) = told(subscription_id, "subscription.sim_profile.installed")
        assert data == {"subscription": read(shop, f"/subscriptions/{subscription_id}")}
        report(shop.client, "sim_deleted", sim_profile_id=sim_id)
        assert _sim(shop, subscription_id) == read(shop, f"/sim-profiles/{sim_id}")
        assert evidence.told_of(subscription_id)[-2:] == [
            "subscription.sim_profile.installed",
            "subscription.sim_profile.deleted",
        ]

    def test_out_of_order(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        sim_id = _sim(shop, subscription_id)["id"]
        early, late = (clock.iso(clock.now() + timedelta(minutes=minutes)) for minutes in (1, 2))
        take(system, "sim_deleted", late, sim_profile_id=sim_id)
        take(system, "sim_installed", early, sim_profile_id=sim_id)
        assert _sim(shop, subscription_id)["profile_status"] == "deleted"
        assert "subscription.sim_profile.installed" not in evidence.told_of(subscription_id)

    def test_a_sim_that_was_swapped(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        old = _sim(shop, subscription_id)
        shop.complete(bodies.swap(subscription_id))
        before = read(shop, f"/subscriptions/{subscription_id}")
        report(shop.client, "sim_deleted", sim_profile_id=old["id"])
        gone = read(shop, f"/sim-profiles/{old['id']}")
        assert (gone["status"], gone["profile_status"]) == ("retired", "deleted")
        assert read(shop, f"/subscriptions/{subscription_id}") == before
        assert told(subscription_id, "subscription.sim_profile.deleted") == []

    def test_a_physical_sim_has_no_profile(self, shop: Shop) -> None:
        reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0077"}).json()
        report(shop.client, "sim_installed", sim_profile_id=reserved["id"])
        assert "profile_status" not in read(shop, f"/sim-profiles/{reserved['id']}")


class TestCountry:
    """Where a subscription is."""

    def test_it_travels(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        for country in ("DE", "DE", "FR", "DE"):
            report(shop.client, "country_changed", subscription_id=subscription_id, country=country)
        found = told(subscription_id, "subscription.sim_profile.country_changed")
        places = [(data["location"].get("previous_country"), data["location"]["current_country"]) for data in found]
        assert places == [(None, "DE"), ("DE", "FR"), ("FR", "DE")]
        assert [data.keys() for data in found] == [{"subscription", "location"}] * 3
        assert [len(data["location"]) for data in found] == [2, 3, 3]
        assert found[-1]["subscription"] == read(shop, f"/subscriptions/{subscription_id}")
        assert found[-1]["location"]["landed_at"] <= found[-1]["subscription"]["updated_at"]

    def test_out_of_order(self, system: System, shop: Shop) -> None:
        """DE, FR, DE again: who hears of FR last of all knows that it is over."""
        subscription_id = shop.subscribe()
        moments = [clock.iso(clock.now() + timedelta(minutes=minutes)) for minutes in range(3)]
        for country, moment in (("DE", moments[0]), ("DE", moments[2]), ("FR", moments[1])):
            take(system, "country_changed", moment, subscription_id=subscription_id, country=country)
        (data,) = told(subscription_id, "subscription.sim_profile.country_changed")
        assert data["location"] == {"current_country": "DE", "landed_at": moments[0]}


REPORTS: list[tuple[str, Item]] = [
    ("first_usage", {"country": "DE"}),
    ("usage", {"allowance_type": "data", "amount": 1, "country": "DE"}),
    ("country_changed", {"country": "DE"}),
    ("terminated", {}),
]


@pytest.mark.parametrize(("kind", "fields"), REPORTS)
class TestWithoutEffect:
    """Of a subscription that is not there, not yet, or no more."""

    def test_it_is_not_there(self, system: System, kind: str, fields: Item) -> None:
        before = len(evidence.events())
        take(system, kind, clock.iso(clock.now()), subscription_id="subs_none", **fields)
        assert len(evidence.events()) == before

    def test_it_has_ended(self, shop: Shop, kind: str, fields: Item) -> None:
        subscription_id = shop.subscribe()
        shop.complete(bodies.cancellation(subscription_id))
        before = read(shop, f"/subscriptions/{subscription_id}"), shop.products(subscription_id)
        report(shop.client, kind, subscription_id=subscription_id, **fields)
        assert (read(shop, f"/subscriptions/{subscription_id}"), shop.products(subscription_id)) == before


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
    assert evidence.told_of(subscription["id"]) == [
        "subscription.active",
        "subscription.sim_profile.ready_for_installation",
        "subscription.terminated",
    ]


def _limited(product: Item) -> list[Item]:
    return [balance for balance in product["_embedded"]["balances"] if balance["type"] == "limited"]


def _sim(shop: Shop, subscription_id: str) -> Item:
    return dict(read(shop, f"/subscriptions/{subscription_id}")["_embedded"]["sim_profile"])
