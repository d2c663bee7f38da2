"""Orders that wait for a date or a person (contract §2, Lifecycle)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from functions.shared import clock
from infra.local import environment
from infra.local.functions import CLOCK
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.shop import Shop

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
TODAY = datetime.now(UTC).date().isoformat()


def cancel(subscription_id: str, schedule: dict[str, str]) -> dict[str, Any]:
    return {"type": "cancel_subscription", "subscription_id": subscription_id, "schedule": schedule}


def cancel_on(subscription_id: str, day: str = TOMORROW) -> dict[str, Any]:
    return cancel(subscription_id, {"mode": "specific_date", "effective_at": day})


def waiting(shop: Shop, body: dict[str, Any], status: str = "scheduled") -> dict[str, Any]:
    """An order that is accepted and waits."""
    return until(shop, shop.place(body), status)


def until(shop: Shop, order: dict[str, Any], status: str) -> dict[str, Any]:
    """The order once it has the status."""
    return shop.until(order, lambda now: now["status"] == status)


def move_time_to(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Let it be that moment, and let time go on from there."""
    real = clock.now
    passed = datetime.fromisoformat(moment) - real()
    monkeypatch.setattr(clock, "now", lambda: real() + passed)


def codes(answer: Any) -> list[tuple[str, str]]:
    """The codes and pointers of a refusal."""
    return [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]]


class TestScheduled:
    """It holds nothing until its date."""

    def test_it_waits_and_is_released(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_on(subscription_id))
        assert order["schedule"] == {"mode": "specific_date", "effective_at": TOMORROW}
        assert order["_links"].keys() == {"self", "subscriber", "history", "cancel"}
        shop.complete(bodies.topup(subscription_id, shop.data))
        evidence.let_date_come(order)
        assert shop.final(order)["status"] == "completed"
        assert shop.client.get(f"/subscriptions/{subscription_id}").json()["status"] == "canceled"
        told = ["order.accepted", "order.scheduled", "order.fulfilling", "order.completed"]
        assert evidence.told_of(order["id"]) == told

    def test_today_is_at_once(self, shop: Shop) -> None:
        order = shop.complete(cancel_on(shop.subscribe(), TODAY))
        assert order["schedule"] == {"mode": "specific_date", "effective_at": TODAY}

    def test_the_end_of_the_cycle(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        body = cancel(subscription_id, {"type": "end_of_cycle"})
        order = waiting(shop, body)
        expected = {"mode": "end_of_cycle", "effective_at": plan["billing_cycle_end_at"][:10]}
        assert order["schedule"] == expected

    def test_a_second_one_of_its_type(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_on(subscription_id))
        refused = shop.client.post("/orders", cancel_on(subscription_id))
        assert codes(refused) == [("order_already_scheduled", "$.schedule")]
        shop.client.post(f"/orders/{order['id']}/cancel")
        waiting(shop, cancel_on(subscription_id))

    def test_a_taken_lock_is_waited_for(self, system: System, shop: Shop, slow_network: Event) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_on(subscription_id))
        slow = shop.place(bodies.topup(subscription_id, shop.sandbox("network_takes_5s")))
        evidence.let_date_come(order)
        system.functions.invoke(CLOCK, {})
        assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "scheduled"
        slow_network.set()
        assert shop.final(slow)["status"] == "completed"
        assert shop.final(order)["status"] == "completed"

    def test_the_subscription_ends_first(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        order = waiting(shop, cancel_on(subscription_id))
        shop.complete(bodies.cancellation(subscription_id))
        order = shop.final(order)
        assert (order["status"], order["canceled_at"]) == ("canceled", order["updated_at"])
        history = shop.client.get(f"/orders/{order['id']}/history").json()["_embedded"]["history"]
        assert history[-1]["reason"] == "subscription_ended"

    def test_its_rules_are_checked_again(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        order = waiting(shop, bodies.plan_change(subscription_id, shop.plan, schedule=bodies.AT_CYCLE_END))
        gone = {"type": "cancel_subscription_products", "subscription_id": subscription_id}
        shop.complete(gone | {"product_ids": [plan["id"]]})
        evidence.let_date_come(order)
        order = shop.final(order)
        assert (order["status"], order["failure"]["code"]) == ("failed", "no_active_plan")

    @pytest.mark.parametrize(
        ("schedule", "pointer"),
        [
            ({}, "$.schedule"),
            ({"mode": "someday"}, "$.schedule.mode"),
            ({"mode": "end_of_cycle", "effective_at": TOMORROW}, "$.schedule.effective_at"),
            ({"mode": "specific_date"}, "$.schedule.effective_at"),
            ({"mode": "specific_date", "effective_at": "2020-01-01"}, "$.schedule.effective_at"),
            ({"mode": "specific_date", "effective_at": "2999-01-01"}, "$.schedule.effective_at"),
            ({"mode": "specific_date", "effective_at": "tomorrow"}, "$.schedule.effective_at"),
            ({"mode": "specific_date", "type": "end_of_cycle", "effective_at": TOMORROW}, "$.schedule"),
        ],
    )
    def test_a_schedule_that_is_none(self, shop: Shop, schedule: dict[str, str], pointer: str) -> None:
        body = cancel("subs_1", schedule)
        assert codes(shop.client.post("/orders", body)) == [("constraint_validation_error", pointer)]

    def test_products_end_each_with_its_own_cycle(
        self, system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        subscription_id = shop.subscribe(shop.data)
        addon, plan = shop.products(subscription_id)
        body = {"type": "cancel_subscription_products", "subscription_id": subscription_id}
        schedule = {"mode": "end_of_cycle"}
        order = waiting(shop, body | {"product_ids": [plan["id"], addon["id"]], "schedule": schedule})
        assert order["schedule"]["effective_at"] == plan["billing_cycle_end_at"][:10]
        for end, expected in ((addon["end_at"], "scheduled"), (plan["billing_cycle_end_at"], "completed")):
            move_time_to(monkeypatch, end)
            system.functions.invoke(CLOCK, {})
            now = until(shop, order, expected)
            assert shop.client.get(f"/products/{addon['id']}").json()["status"] == "terminated"
        assert now["status"] == "completed"
        ended = {item["id"]: (item["status"], item["ended_at"]) for item in shop.products(subscription_id)}
        assert ended[addon["id"]] == ("terminated", addon["end_at"])
        assert ended[plan["id"]] == ("terminated", plan["billing_cycle_end_at"])
        told = [evidence.told_of(item["id"]) for item in (addon, plan)]
        assert told == [["product.active", "product.terminated"]] * 2

    def test_the_end_of_a_cycle_that_is_not_there(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        gone = {"type": "cancel_subscription_products", "subscription_id": subscription_id}
        shop.complete(gone | {"product_ids": [plan["id"]]})
        body = bodies.cancellation(subscription_id, schedule=bodies.AT_CYCLE_END)
        assert codes(shop.client.post("/orders", body)) == [("no_active_plan", "$.schedule")]


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
        told = ["order.accepted", "order.on_hold", "order.fulfilling", "order.completed"]
        assert evidence.told_of(order["id"]) == told

    def test_it_is_canceled_and_its_reservation_is_open_again(self, shop: Shop) -> None:
        reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0050"}).json()
        sim = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
        order = waiting(shop, shop.activation(on_hold_condition="porting", sim_profile=sim), "on_hold")
        assert codes(shop.client.post("/orders", shop.activation(sim_profile=sim)))[0][0] == "reservation_not_usable"
        answer = shop.client.post(f"/orders/{order['id']}/cancel")
        assert (answer.status, answer.json()["status"]) == (200, "canceled")
        assert answer.json() == shop.client.get(f"/orders/{order['id']}").json()
        shop.complete(shop.activation(sim_profile=sim))

    def test_its_reservation_is_gone_when_it_is_resumed(self, system: System, shop: Shop) -> None:
        reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0051"}).json()
        sim = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
        order = waiting(shop, shop.activation(on_hold_condition="porting", sim_profile=sim), "on_hold")
        key = {"pk": {"S": f"acme#{reserved['reservation_id']}"}, "sk": {"S": "reservation"}}
        system.aws.dynamodb.delete_item(TableName=environment.TABLE, Key=key)
        shop.client.post(f"/orders/{order['id']}/resume")
        failure = shop.final(order)["failure"]
        assert (failure["code"], failure["step"], failure["retriable"]) == ("reservation_not_usable", "prepare", False)

    def test_it_expires(self, system: System, shop: Shop) -> None:
        order = waiting(shop, shop.activation(on_hold_condition="porting"), "on_hold")
        evidence.make_due(system, order)
        assert shop.final(order)["status"] == "expired"
        assert evidence.told_of(order["id"]) == ["order.accepted", "order.on_hold", "order.expired"]

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


class TestValidate:
    """What ``POST /orders`` would answer, with nothing done."""

    def test_an_order_without_fault(self, shop: Shop) -> None:
        body = shop.activation(reference="only validated")
        for _ in range(2):
            answer = shop.client.post("/orders/validate", body, {"Idempotency-Key": "ignored"})
            assert (answer.status, answer.json()) == (200, {"valid": True})
        assert shop.client.get("/orders?reference=only%20validated").json()["_embedded"]["orders"] == []
        shop.place(body)

    def test_the_same_refusals(self, shop: Shop) -> None:
        taken = shop.place(shop.activation(reference="taken"))
        for body in (
            {},
            shop.activation(*[shop.data] * 16),
            shop.activation(reference="taken"),
            bodies.swap("none"),
            cancel_on("none", "2020-01-01"),
        ):
            real, tried = (shop.client.post(path, body) for path in ("/orders", "/orders/validate"))
            answers = [answer.json() | {"correlation_id": ""} for answer in (real, tried)]
            assert (real.status, answers[0]) == (tried.status, answers[1])
        assert shop.final(taken)["status"] == "completed"
