"""A failed order has undone everything it began, and says why (contract §2, Lifecycle)."""

import json
from typing import Any

import pytest

from functions.sim_profiles import stock
from infra.bus import NETWORK_ANSWERS, SIMULATED_NETWORK
from infra.local.functions import CLOCK, EXECUTION_TASK, Handler
from infra.local.system import System
from tests.lifecycle.failing import failing
from tests.support import bodies, evidence
from tests.support.shop import Shop


def assert_nothing_is_left(system: System, shop: Shop, order: dict[str, Any], stock_before: set[str]) -> None:
    """No subscription, no product, no SIM; the order's events have no gap."""
    system.quiesce()
    assert "_embedded" not in order
    subscription_id = evidence.order(order["id"]).subscription_id
    assert shop.client.get(f"/subscriptions/{subscription_id}").status == 404
    assert list(shop.walk(f"/products?subscription-id={subscription_id}", "products")) == []
    assert list(shop.walk(f"/products?order-id={order['id']}", "products")) == []
    assert evidence.stock(system, "acme") == stock_before
    assert evidence.event_types_of(order["id"])[-1] == "order.failed"


@pytest.mark.parametrize("how", ["product", "eid"])
def test_the_network_rejects(system: System, shop: Shop, how: str) -> None:
    before = evidence.stock(system, "acme")
    body = (
        shop.activation(shop.sandbox("network_rejects")) if how == "product" else shop.activation(eid="0" * 28 + "0001")
    )
    order = shop.final(shop.place(body))
    assert order["status"] == "failed"
    assert order["failure"].pop("detail").startswith("The mobile network refused: ")
    assert order["failure"] == {"code": "network_rejected", "step": "provision", "retriable": False}
    assert evidence.asked_of_network(order["id"]) == []
    assert_nothing_is_left(system, shop, order, before)
    assert evidence.execution(system, order["id"])["status"] == "SUCCEEDED"


@pytest.mark.usefixtures("impatience")
def test_the_network_is_silent(system: System, shop: Shop) -> None:
    before = evidence.stock(system, "acme")
    order = shop.place(shop.activation(eid="0" * 28 + "0002"))
    shop.until(order, lambda now: now["status"] == "fulfilling")
    system.functions.invoke(CLOCK, {})
    order = shop.final(order)
    assert order["failure"]["code"] == "network_timeout"
    assert (order["failure"]["step"], order["failure"]["retriable"]) == ("provision", True)
    assert_nothing_is_left(system, shop, order, before)
    assert evidence.asked_of_network(order["id"]) == ["network.deprovisioning.requested"]
    assert "order.delayed" in evidence.event_types_of(order["id"])


@pytest.mark.usefixtures("impatience")
def test_the_network_answers_after_the_timeout(system: System, shop: Shop) -> None:
    asked: list[Any] = []

    def only_listens(handler: Handler) -> Handler:
        return lambda event, context: (
            asked.append(event) if "reply_token" in event["detail"] else handler(event, context)
        )

    before = evidence.stock(system, "acme")
    with system.functions.replaced(SIMULATED_NETWORK.module, only_listens):
        order = shop.final(shop.place(shop.activation()))
    assert order["failure"]["code"] == "network_timeout"
    late = {**asked[0], "detail-type": "network.provisioning.succeeded", "source": "mobile-network"}
    system.functions.invoke(NETWORK_ANSWERS.module, late)
    assert_nothing_is_left(system, shop, order, before)
    assert evidence.asked_of_network(order["id"]) == ["network.deprovisioning.requested"] * 2


@pytest.mark.usefixtures("impatience")
def test_a_sim_that_is_never_confirmed_free_is_retired(system: System, shop: Shop) -> None:
    with system.functions.replaced(SIMULATED_NETWORK.module, lambda _handler: lambda _event, _context: None):
        order = shop.final(shop.place(shop.activation()))
        system.quiesce()
    (request,) = evidence.requests_for(order["id"])
    sim_id = request.data["sim_profile"]["id"]
    assert shop.client.get(f"/sim-profiles/{sim_id}").json()["status"] == "reserved"
    sim = evidence.sim(sim_id)
    assert sim.due_at is not None
    stock.when_due(sim, sim.due_at)
    assert shop.client.get(f"/sim-profiles/{sim_id}").json()["status"] == "retired"
    confirmed = {"detail-type": "network.deprovisioning.succeeded", "detail": request.data}
    system.functions.invoke(NETWORK_ANSWERS.module, confirmed)
    assert shop.client.get(f"/sim-profiles/{sim_id}").json()["status"] == "retired"
    assert sim_id not in evidence.stock(system, "acme")


def test_there_is_no_sim_in_stock(system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = evidence.stock(system, "acme")
    monkeypatch.setattr(stock, "pick_esim", lambda _partner: None)
    order = shop.final(shop.place(shop.activation()))
    assert order["failure"] == {
        "code": "no_sim_available",
        "step": "prepare",
        "detail": "No eSIM is in stock.",
        "retriable": True,
    }
    assert evidence.asked_of_network(order["id"]) == []
    assert_nothing_is_left(system, shop, order, before)


@pytest.mark.parametrize("after", [False, True])
def test_prepare_fails(system: System, shop: Shop, after: bool) -> None:
    before = evidence.stock(system, "acme")
    with system.functions.replaced(EXECUTION_TASK, failing("prepare", after=after)):
        order = shop.final(shop.place(shop.activation()))
    assert (order["failure"]["code"], order["failure"]["step"]) == ("internal_error", "prepare")
    assert "gone" not in json.dumps(order)
    assert evidence.asked_of_network(order["id"]) == []
    assert_nothing_is_left(system, shop, order, before)


def test_complete_fails_after_a_good_provision(system: System, shop: Shop) -> None:
    before = evidence.stock(system, "acme")
    with system.functions.replaced(EXECUTION_TASK, failing("complete")):
        order = shop.final(shop.place(shop.activation()))
    assert (order["failure"]["code"], order["failure"]["step"]) == ("internal_error", "complete")
    assert evidence.asked_of_network(order["id"]) == ["network.deprovisioning.requested"]
    assert_nothing_is_left(system, shop, order, before)


@pytest.mark.parametrize("step", ["prepare", "complete"])
def test_a_step_that_is_lost_after_its_write_runs_again(system: System, shop: Shop, step: str) -> None:
    with system.functions.replaced(EXECUTION_TASK, failing(step, after=True, times=1)):
        order = shop.complete(shop.activation(shop.data))
    assert evidence.event_types_of(order["id"]) == ["order.accepted", "order.fulfilling", "order.completed"]
    assert len(shop.products(order["_embedded"]["subscription"]["id"])) == 2


def test_a_completed_order_is_never_undone(system: System, shop: Shop) -> None:
    """Complete commits, but every answer of it is lost, so that its execution goes on to undo."""
    with system.functions.replaced(EXECUTION_TASK, failing("complete", after=True)):
        order = shop.complete(shop.activation())
        system.quiesce()
    assert shop.client.get(f"/orders/{order['id']}").json() == order
    assert evidence.execution(system, order["id"])["status"] == "SUCCEEDED"
    assert evidence.asked_of_network(order["id"]) == []


def test_an_order_that_cannot_be_undone_needs_repair_and_is_undone_later(system: System, shop: Shop) -> None:
    before = evidence.stock(system, "acme")
    without_clock = system.functions.replaced(CLOCK, lambda _clock: lambda _event, _context: None)
    with system.functions.replaced(EXECUTION_TASK, failing("undo")), without_clock:
        order = shop.place(shop.activation(shop.sandbox("network_rejects")))
        system.quiesce(timeout=40)
        assert evidence.execution(system, order["id"])["status"] == "FAILED"
        assert evidence.execution(system, order["id"])["error"] == "NeedsRepair"
        assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "fulfilling"

    evidence.make_due(system, order)
    order = shop.final(order)
    assert (order["status"], order["failure"]["code"]) == ("failed", "internal_error")
    system.quiesce()
    assert evidence.execution(system, f"{order['id']}.undo")["status"] == "SUCCEEDED"
    assert_nothing_is_left(system, shop, order, before)


class TestTheOldSubscriptionStaysInForce:
    """After a failed order on it."""

    def test_a_rejected_top_up(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        order = shop.final(shop.place(bodies.topup(subscription_id, shop.sandbox("network_rejects"))))
        assert order["failure"]["code"] == "network_rejected"
        assert len(shop.products(subscription_id)) == 1
        shop.complete(bodies.swap(subscription_id))

    def test_a_rejected_swap(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        before = shop.client.get(f"/subscriptions/{subscription_id}").json()["_embedded"]
        stocked = evidence.stock(system, "acme")
        swap = bodies.swap(subscription_id)
        order = shop.final(shop.place(swap | {"device": {"uicc": {"eid": "0" * 28 + "0001"}}}))
        assert order["failure"]["code"] == "network_rejected"
        assert shop.client.get(f"/subscriptions/{subscription_id}").json()["_embedded"] == before
        assert evidence.stock(system, "acme") == stocked
        shop.complete(bodies.topup(subscription_id, shop.data))

    def test_a_cancellation_that_fails(self, system: System, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        with system.functions.replaced(EXECUTION_TASK, failing("complete")):
            order = shop.final(shop.place(bodies.cancellation(subscription_id)))
        assert order["status"] == "failed"
        subscription = shop.client.get(f"/subscriptions/{subscription_id}").json()
        assert (subscription["status"], subscription["_embedded"]["sim_profile"]["status"]) == ("active", "active")
        shop.complete(bodies.cancellation(subscription_id))

    def test_a_reservation_is_open_again(self, shop: Shop) -> None:
        reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0043"}).json()
        sim_profile = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
        body = shop.activation(shop.sandbox("network_rejects"), sim_profile=sim_profile)
        assert shop.final(shop.place(body))["failure"]["code"] == "network_rejected"
        again = shop.client.get(f"/sim-profiles/{reserved['id']}").json()
        assert again["reservation_expires_at"] > reserved["reservation_expires_at"]
        shop.complete(shop.activation(sim_profile=sim_profile))
