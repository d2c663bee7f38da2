"""What is true when an order is completed (contract §2, "when completed")."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from infra.local.functions import CLOCK
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.shop import Shop


def test_an_activation(system: System, shop: Shop) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = shop.activation(shop.data)
    body["products"]["addons"] += bodies.addons(shop.data, mode="first_usage")
    body["products"]["addons"] += bodies.addons(shop.data, mode="scheduled", start_at=tomorrow)
    accepted = shop.place(body)
    assert accepted["status"] == "accepted"
    assert "_embedded" not in accepted
    order = shop.final(accepted)
    assert order["status"] == "completed"
    assert order["completed_at"] == order["updated_at"]

    embedded = order["_embedded"]["subscription"]
    subscription = shop.client.get(f"/subscriptions/{embedded['id']}").json()
    assert subscription["status"] == "active"
    sim = shop.client.get(f"/sim-profiles/{embedded['_embedded']['sim_profile']['id']}").json()
    assert (sim["status"], sim["profile_status"]) == ("active", "ready_for_installation")
    assert sim == subscription["_embedded"]["sim_profile"] == embedded["_embedded"]["sim_profile"]
    assert sim["id"] not in evidence.stock(system, "acme")

    products = shop.products(subscription["id"])
    assert sorted(product["status"] for product in products) == ["active", "active", "pending", "scheduled"]
    assert {product["_links"]["order"]["href"] for product in products} == {order["_links"]["self"]["href"]}

    assert evidence.event_types_of(order["id"]) == ["order.accepted", "order.fulfilling", "order.completed"]
    published = evidence.event_types_of(subscription["id"])
    assert published == ["subscription.active", "subscription.sim_profile.ready_for_installation"]
    for product in products:
        expected = ["product.active"] if product["status"] == "active" else []
        assert evidence.event_types_of(product["id"]) == expected


def test_an_activation_with_a_physical_sim(system: System, shop: Shop) -> None:
    reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0042"}).json()
    sim_profile = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
    order = shop.complete(shop.activation(sim_profile=sim_profile))
    sim = shop.client.get(f"/sim-profiles/{reserved['id']}").json()
    assert (sim["status"], sim["sim_type"]) == ("active", "psim")
    assert "profile_status" not in sim
    assert order["_embedded"]["subscription"]["_embedded"]["sim_profile"] == sim
    subscription_id = order["_embedded"]["subscription"]["id"]
    assert evidence.event_types_of(subscription_id) == ["subscription.active"]

    again = shop.client.post("/orders", shop.activation(sim_profile=sim_profile))
    assert [fault["code"] for fault in again.json()["errors"]] == ["reservation_not_usable"]


def test_a_plan_that_brings_a_phone_number(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe(plan=shop.plan_with_number)
    subscription = shop.client.get(f"/subscriptions/{subscription_id}").json()
    (number,) = subscription["_embedded"]["active_phone_numbers"]
    assert number["msisdn"].startswith("+")
    assert shop.client.get(f"/phone-numbers/{number['id']}").json() == number
    shop.complete(bodies.cancellation(subscription_id))
    assert shop.client.get(f"/phone-numbers/{number['id']}").json()["status"] == "terminated"
    assert evidence.event_types_of(number["id"]) == ["phone_number.active", "phone_number.terminated"]


def test_a_top_up(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe()
    before = {product["id"] for product in shop.products(subscription_id)}
    order = shop.complete(bodies.topup(subscription_id, shop.data, shop.data))
    new = [product for product in shop.products(subscription_id) if product["id"] not in before]
    assert [product["status"] for product in new] == ["active", "active"]
    listed = list(shop.walk(f"/products?order-id={order['id']}", "products"))
    assert {product["id"] for product in listed} == {product["id"] for product in new}


def test_a_swap(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe(shop.data)
    before = shop.client.get(f"/subscriptions/{subscription_id}").json()
    order = shop.complete(bodies.swap(subscription_id))
    after = shop.client.get(f"/subscriptions/{subscription_id}").json()
    old, new = (resource["_embedded"]["sim_profile"]["id"] for resource in (before, after))
    assert old != new
    assert order["_embedded"]["subscription"]["_embedded"]["sim_profile"]["id"] == new
    assert shop.client.get(f"/sim-profiles/{old}").json()["status"] == "retired"
    assert shop.client.get(f"/sim-profiles/{new}").json()["status"] == "active"
    assert after["status"] == "active"
    assert [product["status"] for product in shop.products(subscription_id)] == ["active", "active"]
    assert evidence.event_types_of(subscription_id)[-1] == "subscription.sim_profile.ready_for_installation"


def test_a_swap_to_a_physical_sim(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe()
    reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0061"}).json()
    sim_profile = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
    body = {"type": "swap_subscription_sim", "subscription_id": subscription_id, "sim_profile": sim_profile}
    shop.complete(body)
    after = shop.client.get(f"/subscriptions/{subscription_id}").json()
    sim = after["_embedded"]["sim_profile"]
    assert (sim["id"], sim["sim_type"], sim["status"]) == (reserved["id"], "psim", "active")
    assert "qrcode" not in after["_links"]
    again = shop.client.post("/orders", body)
    assert [fault["code"] for fault in again.json()["errors"]] == ["reservation_not_usable"]


def test_a_cancellation(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe(shop.data)
    shop.complete(bodies.topup(subscription_id, products={"addons": bodies.addons(shop.data, mode="first_usage")}))
    shop.complete(bodies.cancellation(subscription_id))
    subscription = shop.client.get(f"/subscriptions/{subscription_id}").json()
    assert (subscription["status"], subscription["ended_at"]) == ("canceled", subscription["updated_at"])
    assert subscription["_embedded"]["sim_profile"]["status"] == "retired"
    products = shop.products(subscription_id)
    assert sorted(product["status"] for product in products) == ["canceled", "terminated", "terminated"]
    for product in products:
        assert product["ended_at"] == subscription["ended_at"]
        assert evidence.event_types_of(product["id"])[-1] == f"product.{product['status']}"
    refused = shop.client.post("/orders", bodies.topup(subscription_id, shop.data)).json()
    assert [fault["code"] for fault in refused["errors"]] == ["subscription_not_active", "no_active_plan"]


def test_while_an_order_holds_the_subscription_others_wait(shop: Shop, slow_network: Event) -> None:
    subscription_id = shop.subscribe()
    swap = bodies.swap(subscription_id)
    slow = shop.place(bodies.topup(subscription_id, shop.sandbox("network_takes_5s")))
    beside = shop.place(bodies.topup(subscription_id, shop.data))
    refused = shop.client.post("/orders", swap).json()
    assert [(fault["code"], fault["pointer"]) for fault in refused["errors"]] == [
        ("order_in_progress", "$.subscription_id")
    ]
    assert shop.final(beside)["status"] == "completed"
    slow_network.set()
    assert shop.final(slow)["status"] == "completed"
    held = shop.place(swap)
    for body in (swap, bodies.topup(subscription_id, shop.data)):
        refused = shop.client.post("/orders", body).json()
        assert [fault["code"] for fault in refused["errors"]] == ["order_in_progress"]
    assert shop.final(held)["status"] == "completed"
    shop.complete(bodies.topup(subscription_id, shop.data))


def test_an_order_that_takes_longer_than_expected_is_reported_once(
    system: System, shop: Shop, slow_network: Event, settings: Callable[..., None]
) -> None:
    subscription_id = shop.subscribe()
    settings(EXPECTED_WITHIN_SECONDS=0)
    order = shop.place(bodies.topup(subscription_id, shop.sandbox("network_takes_5s")))
    shop.until(order, lambda now: now["status"] == "fulfilling")
    for _ in range(2):
        system.functions.invoke(CLOCK, {})
    slow_network.set()
    order = shop.final(order)
    assert order["completed_at"] > order["expected_by"]
    published = evidence.event_types_of(order["id"])
    assert published == ["order.accepted", "order.fulfilling", "order.delayed", "order.completed"]
