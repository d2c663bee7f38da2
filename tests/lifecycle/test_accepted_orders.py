"""What is there once an order is accepted (contract §2): its answer, its record, its event and the lock it takes."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.orders.order import HistoryEntry, Order
from functions.shared.clock import iso
from functions.shared.links import link
from functions.subscriptions.lock import Lock, ScheduledOrder
from functions.subscriptions.subscription import show_embedded
from infra.local.messages import HttpRequest
from tests.support import bodies
from tests.support.builders import PARTNER, SUBSCRIBER
from tests.support.timeline import Timeline

TOMORROW = {"mode": "specific_date", "effective_at": "2026-03-11"}
MIDNIGHT = datetime.fromisoformat("2026-03-11T00:00:00Z")
"""The timeline begins on the day before."""
INVOICE = {"notes": [{"type": "marketing", "content": [{"locale": "de-DE", "message": "Hallo"}]}]}


def send(line: Timeline, body: dict[str, Any], path: str = "/orders", correlation_id: str = "cor") -> dict[str, Any]:
    """What the door answers, before anything comes of it."""
    headers = (("Content-Type", "application/json"), ("Correlation-Id", correlation_id))
    answer = line.world.send(HttpRequest("POST", path, headers, json.dumps(body).encode()), "request")
    line.world.look()
    return answer


def accept(line: Timeline, body: dict[str, Any]) -> Order:
    """An accepted order as it is kept, before anything comes of it."""
    answer = send(line, body)
    assert answer["statusCode"] == 201, answer
    return line.order(json.loads(answer["body"])["id"])


def links(order: Order, *actions: str) -> dict[str, Any]:
    """The links that an order has in each status, and those of what can be done with it."""
    path = f"/orders/{order.id}"
    return {
        "self": link(path),
        "subscriber": link(f"/subscribers/{SUBSCRIBER}"),
        "history": link(f"{path}/history"),
    } | {action: link(f"{path}/{action}") for action in actions}


@pytest.mark.parametrize("path", ["/orders", "/orders/activate-subscription"])
def test_an_activation(line: Timeline, path: str) -> None:
    told = {"payment_intent_id": "pi_1", "reference": "mine", "on_hold_condition": "porting"}
    device = {"uicc": {"eid": "8" * 32}}
    answer = send(line, line.activation("extra", device=device, invoice=INVOICE, **told), path)
    shown = json.loads(answer["body"])
    order = line.order(shown["id"])
    now = order.created_at
    assert order.id.startswith("ord_")
    assert order == Order(
        id=order.id,
        partner=PARTNER,
        type="activate_subscription",
        created_at=now,
        due_at=now + timedelta(minutes=5),
        subscription_id=order.subscription_id,
        subscriber_id=SUBSCRIBER,
        account_id="acc_1",
        lines=order.lines,
        sim_type="esim",
        eid="8" * 32,
        purchase_location="DE",
        invoice=INVOICE,
        correlation_id="cor",
        history=[HistoryEntry(status="accepted", at=now)],
        event_ids=order.event_ids,
        version=1,
        sequence=1,
        **told,
    )
    assert order.model_extra in (None, {}), "nothing of the request is kept that no order has"
    assert [line.offering.name for line in order.lines] == ["monthly", "extra"]
    assert (answer["statusCode"], answer["headers"]["Location"]) == (201, link(f"/orders/{order.id}")["href"])
    known = {"id": order.id, "status": "accepted", "type": "activate_subscription", "created_at": iso(now)}
    assert shown == known | told | {"_links": links(order)}

    (event,) = line.events_of(order.id)
    assert (event.type, event.data) == ("order.accepted", {"order": shown})
    assert (event.order_id, event.subscription_id) == (order.id, order.subscription_id)
    assert order.event_ids == [event.id]
    assert [listed["id"] for listed in line.world.get("/orders")["_embedded"]["orders"]] == [order.id]


def test_what_an_order_does_not_name_it_does_not_keep(line: Timeline) -> None:
    order = accept(line, bodies.swap(line.subscribe()))
    kept = (order.purchase_location, order.payment_intent_id, order.invoice, order.reference, order.on_hold_condition)
    assert kept == (None,) * 5


def test_an_order_on_a_subscription_embeds_it(line: Timeline) -> None:
    subscription_id = line.subscribe()
    answer = json.loads(send(line, bodies.topup(subscription_id, "extra"))["body"])
    embedded = {"subscription": show_embedded(line.subscription(subscription_id))}
    assert answer["_embedded"] == embedded
    (event,) = line.events_of(answer["id"])
    assert (event.data, event.subscription_id) == ({"order": answer}, subscription_id)


class TestTheLock:
    """What the order does to its subscription, until it is final (contract §2, lock)."""

    def locked(self, line: Timeline, body: dict[str, Any]) -> tuple[str, Lock]:
        """The order's id, and what its subscription keeps of it."""
        order = accept(line, body)
        return order.id, line.subscription(order.subscription_id).lock

    def test_top_ups_run_side_by_side(self, line: Timeline, subscription: str) -> None:
        first, _ = self.locked(line, bodies.topup(subscription, "extra", "extra 2"))
        second, lock = self.locked(line, bodies.topup(subscription, products=bodies.sold("monthly")))
        assert lock == Lock(topups=[first, second], reserved_places={first: 2, second: 1})

    @pytest.mark.parametrize("addons", [(), ("extra", "extra 2")])
    def test_a_plan_change_needs_a_place_for_its_add_ons_alone(
        self, line: Timeline, subscription: str, addons: tuple[str, ...]
    ) -> None:
        order, lock = self.locked(line, bodies.plan_change(subscription, "monthly too", *addons))
        assert lock == Lock(exclusive=order, reserved_places={order: len(addons)} if addons else {})

    def test_what_sells_nothing_needs_no_place(self, line: Timeline) -> None:
        for body in (bodies.cancellation, bodies.swap):
            order, lock = self.locked(line, body(line.subscribe()))
            assert lock == Lock(exclusive=order)

    def test_one_with_a_date_waits(self, line: Timeline, subscription: str) -> None:
        canceling, _ = self.locked(line, bodies.cancellation(subscription, schedule=TOMORROW))
        changing, _ = self.locked(line, bodies.plan_change(subscription, "monthly too", "extra", schedule=TOMORROW))
        product = line.products(subscription)["monthly"].id
        ending, lock = self.locked(line, bodies.products_cancellation(subscription, product, schedule=TOMORROW))
        dates = {"release_at": MIDNIGHT, "holds_from": MIDNIGHT}
        assert lock == Lock(
            scheduled=[
                ScheduledOrder(order_id=canceling, type="cancel_subscription", **dates),
                ScheduledOrder(order_id=changing, type="change_subscription_plan", **dates),
                ScheduledOrder(order_id=ending, type="cancel_subscription_products", product_ids=[product], **dates),
            ],
            reserved_places={changing: 1},
        )

    def test_products_that_end_with_their_cycles_are_held_from_the_first_end(self, line: Timeline) -> None:
        """Until the order has set their ends, nothing may renew."""
        subscription = line.subscribe("extra")
        products = line.products(subscription)
        ids = [products[name].id for name in ("monthly", "extra")]
        first, last = products["extra"].end_at, products["monthly"].billing_cycle_end_at
        assert first is not None
        assert last is not None
        assert first < last
        body = bodies.products_cancellation(subscription, *ids, schedule=bodies.AT_CYCLE_END)
        order, lock = self.locked(line, body)
        waiting = {"order_id": order, "type": "cancel_subscription_products", "product_ids": ids}
        assert lock == Lock(scheduled=[ScheduledOrder(release_at=last, holds_from=first, **waiting)])


def test_a_reference_names_one_order(line: Timeline) -> None:
    first = accept(line, line.activation(reference="mine"))
    again = send(line, line.activation(reference="mine"))
    detail = "An order with this reference already exists; see _links.order."
    assert again["statusCode"] == 409
    assert json.loads(again["body"]) == {
        "title": "Conflict",
        "status": 409,
        "detail": detail,
        "correlation_id": "cor",
        "errors": [{"code": "duplicate_reference", "detail": detail, "pointer": "$.reference"}],
        "_links": {"order": link(f"/orders/{first.id}")},
    }
    (listed,) = line.world.get("/orders?reference=mine")["_embedded"]["orders"]
    assert listed["id"] == first.id
    others = [accept(line, line.activation(**fields)) for fields in ({}, {}, {"reference": "another"})]
    assert len({first.id, *(other.id for other in others)}) == 4


class TestValidating:
    """``POST /orders/validate`` answers as ``POST /orders`` would, and does nothing."""

    def test_what_would_be_accepted(self, line: Timeline) -> None:
        answer = send(line, line.activation(reference="mine"), "/orders/validate")
        assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"valid": True})
        assert line.world.of_kind(Order.KIND) == []
        assert accept(line, line.activation(reference="mine")).status == "accepted"

    def test_what_would_be_refused(self, line: Timeline) -> None:
        for body in (line.activation("no addon"), line.activation(shedule={}), {}, {"type": "renew"}):
            answers = [send(line, body, path) for path in ("/orders", "/orders/validate")]
            assert [answer["statusCode"] for answer in answers] == [400, 400]
            assert answers[0]["body"] == answers[1]["body"]
