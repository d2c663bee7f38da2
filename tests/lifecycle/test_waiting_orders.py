"""Orders that wait for a date or a person (contract §2, Lifecycle)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from infra.local.functions import CLOCK
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.shop import Shop

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


def cancel_tomorrow(subscription_id: str) -> dict[str, Any]:
    schedule = {"mode": "specific_date", "effective_at": TOMORROW}
    return bodies.cancellation(subscription_id, schedule=schedule)


def waiting(shop: Shop, body: dict[str, Any], status: str = "scheduled") -> dict[str, Any]:
    """An order that is accepted and waits."""
    return shop.until(shop.place(body), lambda now: now["status"] == status)


def codes(answer: Any) -> list[tuple[str, str]]:
    """The codes and pointers of a refusal."""
    return [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]]


class TestScheduled:
    """It holds nothing until its date."""

    def test_it_waits_and_is_released(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_tomorrow(subscription_id))
        assert order["schedule"] == {"mode": "specific_date", "effective_at": TOMORROW}
        assert order["_links"].keys() == {"self", "subscriber", "history", "cancel"}
        shop.complete(bodies.topup(subscription_id, shop.data))
        evidence.let_date_come(order)
        assert shop.final(order)["status"] == "completed"
        assert shop.client.get(f"/subscriptions/{subscription_id}").json()["status"] == "canceled"
        published = ["order.accepted", "order.scheduled", "order.fulfilling", "order.completed"]
        assert evidence.event_types_of(order["id"]) == published

    def test_a_taken_lock_is_waited_for(self, system: System, shop: Shop, slow_network: Event) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_tomorrow(subscription_id))
        slow = shop.place(bodies.topup(subscription_id, shop.sandbox("network_takes_5s")))
        evidence.let_date_come(order)
        system.functions.invoke(CLOCK, {})
        assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "scheduled"
        slow_network.set()
        assert shop.final(slow)["status"] == "completed"
        assert shop.final(order)["status"] == "completed"


class TestOnHold:
    """It waits for a porting, at most 30 days."""

    def test_it_is_resumed(self, shop: Shop) -> None:
        order = waiting(shop, shop.activation(on_hold_condition="porting", payment_intent_id="pi_1"), "on_hold")
        assert order["on_hold_condition"] == "porting"
        assert order["_links"].keys() == {"self", "subscriber", "history", "cancel", "resume"}
        answer = shop.client.post(f"/orders/{order['id']}/resume", {"payment_intent_id": "pi_2"})
        assert (answer.status, answer.json()["status"]) == (200, "fulfilling")
        order = shop.final(order)
        assert (order["status"], order["payment_intent_id"]) == ("completed", "pi_2")
        published = ["order.accepted", "order.on_hold", "order.fulfilling", "order.completed"]
        assert evidence.event_types_of(order["id"]) == published

    def test_cancel_resume_and_the_clock_race(self, system: System, shop: Shop) -> None:
        order = waiting(shop, shop.activation(on_hold_condition="porting"), "on_hold")
        path = f"/orders/{order['id']}"
        steps = ["cancel", "resume"] * 6

        with ThreadPoolExecutor(13) as pool:
            evidence.make_due(system, order)
            expiry = pool.submit(system.functions.invoke, CLOCK, {})
            answers = list(pool.map(lambda step: shop.client.post(f"{path}/{step}"), steps))
            expiry.result()
        won = [answer.json()["status"] for answer in answers if answer.status == 200]
        lost = [answer for answer in answers if answer.status != 200]
        assert all(codes(answer) == [("invalid_state", "$.status")] for answer in lost)
        end = shop.final(order)["status"]
        expected = {"canceled": ["canceled"], "completed": ["fulfilling"], "expired": []}
        assert won == expected[end]


@pytest.mark.parametrize("step", ["cancel", "resume"])
class TestNothingWaits:
    """``invalid_state`` for an order that does not wait, 404 for one that is not there."""

    def test_an_order_that_is_done(self, shop: Shop, step: str) -> None:
        order = shop.complete(shop.activation())
        assert codes(shop.client.post(f"/orders/{order['id']}/{step}")) == [("invalid_state", "$.status")]

    def test_no_order(self, shop: Shop, step: str) -> None:
        assert shop.client.post(f"/orders/ord_1/{step}").status == 404

    def test_a_key_is_answered_once(self, shop: Shop, step: str) -> None:
        order = waiting(shop, shop.activation(on_hold_condition="porting"), "on_hold")
        key = {"Idempotency-Key": f"once {step}"}
        first, again = (shop.client.post(f"/orders/{order['id']}/{step}", None, key) for _ in range(2))
        assert (first.status, again.status) == (200, 200)
        assert first.json() == again.json()
        assert again.headers["Idempotent-Replayed"] == "true"
