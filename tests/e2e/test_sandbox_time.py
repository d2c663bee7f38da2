"""The sandbox's time moves for everything that partners wait for, and for nothing else (contract §9)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import bodies
from tests.support.http import HttpClient, partner
from tests.support.server import Server
from tests.support.shop import Shop

CLOCK = "/sandbox/clock"
WEEK = "Germany 1 GB, 7 days"
PLAN = "World 5 GB, monthly"


@pytest.fixture(scope="module")
def shop(moving: Server) -> Iterator[Shop]:
    """The partner acme, with one token for all tests."""
    with partner(moving.url, "acme") as client:
        yield Shop(HttpClient(client))


def advance(shop: Shop, duration: str) -> datetime:
    answer = shop.client.post(CLOCK, {"advance": duration})
    assert answer.status == 200, answer.json()
    return datetime.fromisoformat(answer.json()["now"])


def offering(shop: Shop, name: str) -> str:
    return shop.find(lambda item: item["name"] == name)


def now(shop: Shop) -> datetime:
    return datetime.fromisoformat(shop.client.get(CLOCK).json()["now"])


@pytest.mark.parametrize("duration", ["PT0S", "PT90M", "P1W", "P1M", "P1Y"])
def test_it_moves_by_what_was_asked_for(shop: Shop, duration: str) -> None:
    days = {"PT0S": 0.0, "PT90M": 1.5 / 24, "P1W": 7.0, "P1M": 28.0, "P1Y": 365.0}[duration]
    before = now(shop)
    after = advance(shop, duration)
    assert timedelta(days=days) <= after - before <= timedelta(days=days + (3 if days > 7 else 0), seconds=30)
    assert after <= now(shop)


def test_no_time_is_lost_while_it_moves(shop: Shop) -> None:
    shop.subscribe()
    ahead = now(shop) - datetime.now(UTC)
    advance(shop, "P60D")
    assert abs(now(shop) - datetime.now(UTC) - ahead - timedelta(days=60)) < timedelta(seconds=0.5)


def test_keys_and_tokens_keep_real_time(shop: Shop) -> None:
    key = {"Idempotency-Key": "before and after two days"}
    body = shop.activation(reference="two days")
    first = shop.client.post("/orders", body, key)
    shop.final(first.json())
    advance(shop, "P2D")
    again = shop.client.post("/orders", body, key)
    assert (again.status, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert shop.client.post("/orders", body | {"reference": "other"}, key).status == 422
    assert shop.client.post("/orders", body).status == 409


def test_what_is_due_on_the_way_happens_in_its_order(shop: Shop) -> None:
    """One great leap: each thing as of its own moment, each order when its time has come."""
    week, plan = offering(shop, WEEK), offering(shop, PLAN)
    start = now(shop)
    later = (start + timedelta(days=60)).isoformat()
    addons = bodies.addons(week) + bodies.addons(week, mode="scheduled", start_at=later)
    addons += bodies.addons(week, mode="first_usage")
    subscription_id = shop.subscribe(products=bodies.sold(plan) | {"addons": addons})
    on_hold = shop.place(shop.activation(on_hold_condition="porting"))
    day = (start + timedelta(days=100)).date()
    schedule = {"mode": "specific_date", "effective_at": day.isoformat()}
    cancel = shop.place(bodies.cancellation(subscription_id, schedule=schedule))
    canceled = shop.until(cancel, lambda order: order["status"] == "scheduled")
    advance(shop, "P400D")

    started, done = _history(shop, canceled["id"])[-2:]
    assert [started[0], done[0]] == ["fulfilling", "completed"]
    midnight = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
    assert midnight <= started[1] <= done[1] <= midnight + timedelta(seconds=30)
    expired = _history(shop, on_hold["id"])
    assert expired[-1][0] == "expired"
    assert timedelta(0) <= expired[-1][1] - (expired[1][1] + timedelta(days=30)) <= timedelta(seconds=30)
    ended = shop.client.get(f"/subscriptions/{subscription_id}").json()
    assert (ended["status"], datetime.fromisoformat(ended["ended_at"])) == ("canceled", done[1])

    first, second, third, monthly = sorted(shop.products(subscription_id), key=lambda item: item["ended_at"])
    assert [item["status"] for item in (first, second, third, monthly)].count("terminated") == 3
    assert (first["status"], first["ended_at"]) == ("terminated", first["end_at"])
    assert (second["started_at"], second["ended_at"]) == (second["start_at"], second["end_at"])
    last = {item["status"]: item for item in (third, monthly)}
    assert last.keys() == {"canceled", "terminated"}
    assert all(item["ended_at"] == ended["ended_at"] for item in last.values())
    assert last["terminated"]["_embedded"]["product_offering"]["name"] == PLAN


CYCLE_ENDS = "Europe 2 GB, until the plan's cycle ends"


@pytest.mark.parametrize("order_type", ["cancel_subscription_products", "change_subscription_plan"])
def test_what_an_order_holds_up_is_applied_on_the_way(shop: Shop, order_type: str) -> None:
    """At one instant an add-on ends, an order is released, and the plan is renewed when that order is final."""
    europe, until = offering(shop, "Europe 20 GB, monthly"), offering(shop, CYCLE_ENDS)
    addons = bodies.addons(until, offering(shop, "Italy 3 GB, monthly"))
    subscription_id = shop.subscribe(products=bodies.sold(europe) | {"addons": addons})
    products = {item["_embedded"]["product_offering"]["name"]: item for item in shop.products(subscription_id)}
    italy = products["Italy 3 GB, monthly"]
    if order_type == "change_subscription_plan":
        body = bodies.plan_change(subscription_id, offering(shop, PLAN), shop.sandbox("network_rejects"))
    else:
        body = bodies.products_cancellation(subscription_id, italy["id"])
    order = shop.place(body | {"schedule": bodies.AT_CYCLE_END})
    target = now(shop) + timedelta(days=80)
    assert advance(shop, "P80D") >= target
    assert shop.final(order)["status"] == ("failed" if "plan" in order_type else "completed")
    plan = shop.client.get(f"/products/{products['Europe 20 GB, monthly']['id']}").json()
    assert (plan["status"], plan["billing_cycle_end_at"] > target.isoformat()) == ("active", True)
    after = shop.client.get(f"/products/{italy['id']}").json()
    if order_type == "cancel_subscription_products":
        assert (after["status"], after["ended_at"]) == ("terminated", italy["billing_cycle_end_at"])
    else:
        assert (after["status"], after["billing_cycle_end_at"] > target.isoformat()) == ("active", True)


def test_time_moves_once_under_a_key(shop: Shop) -> None:
    key = {"Idempotency-Key": "one hour"}
    first, again = (shop.client.post(CLOCK, {"advance": "PT1H"}, key) for _ in range(2))
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert now(shop) - datetime.fromisoformat(first.json()["now"]) < timedelta(minutes=10)
    assert shop.client.post(CLOCK, {"advance": "PT2H"}, key).status == 422


def test_time_moves_once_under_a_key_also_if_two_ask_at_once(shop: Shop) -> None:
    before = now(shop)
    key = {"Idempotency-Key": "five hours, twice"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: shop.client.post(CLOCK, {"advance": "PT5H"}, key), range(2)))
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert sorted(answer.headers["Idempotent-Replayed"] for answer in answers) == ["false", "true"]
    assert now(shop) - before < timedelta(hours=9)


def test_a_report_under_a_key_counts_once(shop: Shop) -> None:
    subscription_id = shop.subscribe()
    usage = {"type": "usage", "subscription_id": subscription_id, "allowance_type": "data"}
    for _ in range(2):
        answer = shop.client.post(
            "/sandbox/network-events", usage | {"amount": 1000, "country": "US"}, {"Idempotency-Key": "one usage"}
        )
        assert answer.status == 202, answer.json()
    advance(shop, "PT0S")
    (plan,) = shop.products(subscription_id)
    assert plan["_embedded"]["balances"][0]["spent"] == 1000


def _history(shop: Shop, order_id: str) -> list[tuple[str, datetime]]:
    entries = shop.client.get(f"/orders/{order_id}/history").json()["_embedded"]["history"]
    return [(entry["status"], datetime.fromisoformat(entry["at"])) for entry in entries]
