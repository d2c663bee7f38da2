"""What the one write of an accepted order has (contract §1 and §2), and what is refused before it."""

from datetime import timedelta
from typing import Any, get_type_hints

import pytest

from functions.orders.acceptance import prepare_acceptance
from functions.orders.kind import kind_of, module_of_type
from functions.orders.order import reference_key
from functions.routes import Route
from functions.shared import clock, request, transaction
from functions.shared.clock import iso
from functions.shared.marshal import unmarshal
from functions.shared.records import Key, Record, whole
from functions.shared.refusals import Code, Refusal
from functions.shared.request import Request
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.subscription import show_embedded
from tests.support import bodies
from tests.support.builders import NOW, PARTNER, SUBSCRIBER, allowance, found, noise, offering, subscriber, subscription

ROUTE = Route("POST", "/orders", "orders.place_order", "place_order", "orders/write")
RESERVED = {"sim_type": "psim", "reservation_id": "resv_1"}
Item = dict[str, Any]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(transaction, "table_name", lambda: "table")


def accepted(monkeypatch: pytest.MonkeyPatch, body: Item, *records: Record) -> tuple[Item, dict[Key, Item]]:
    """The answer to an order that is accepted where these records are, and what is written with it."""
    monkeypatch.setattr(request, "read_all", lambda *_: found(*records))
    shape = get_type_hints(module_of_type(body["type"]).place_order)["body"]
    asking = Request(PARTNER, ROUTE, "/orders", {}, {}, "cor_1")
    change, answer = prepare_acceptance(asking, shape.model_validate(body), body["type"], kind_of(body["type"]))
    writes = {key: whole(unmarshal(make()["Put"]["Item"])) for key, make in change._writes.items()}
    return dict(answer.body), writes


def test_all_that_it_changes_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order, its place in the list, its reference, the lock it takes and the reservation that it holds."""
    due = NOW + timedelta(days=1)
    reservation = Reservation(
        id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", expires_at=due, due_at=due
    )
    root = subscription(version=1)
    body = bodies.swap("subs_1", sim_profile=RESERVED, reference="mine")
    answer, writes = accepted(monkeypatch, body, root, reservation)
    order_id = answer["id"]
    order, listed, reference, locked, held = writes
    assert answer["_embedded"]["subscription"] == show_embedded(root) | {"updated_at": iso(NOW)}
    assert (order.pk, locked, held) == (f"{PARTNER}#{order_id}", root.key(), reservation.key())
    assert (listed.pk, listed.sk) == (f"{PARTNER}#orders", f"2026-03-10T12:00:00.000Z#{order_id}")
    assert reference == reference_key(PARTNER, "mine")
    assert writes[reference]["order_id"] == order_id
    assert writes[locked]["lock"]["exclusive"] == order_id
    assert (writes[held]["order_id"], "due_at" in writes[held]) == (order_id, False)


def test_what_an_order_has_none_of_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = offering("plan", "plan")
    answer, writes = accepted(monkeypatch, bodies.activation(SUBSCRIBER, "plan"), subscriber(), plan)
    assert [key.pk for key in writes] == [f"{PARTNER}#{answer['id']}", f"{PARTNER}#orders"]
    assert "_embedded" not in answer


def test_an_order_with_a_date_joins_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    root = subscription()
    schedule = {"mode": "specific_date", "effective_at": "2026-03-11"}
    answer, writes = accepted(monkeypatch, bodies.cancellation("subs_1", schedule=schedule), root)
    (waiting,) = writes[root.key()]["lock"]["scheduled"]
    midnight = "2026-03-11T00:00:00.000Z"
    assert (waiting["order_id"], waiting["release_at"], waiting["holds_from"]) == (answer["id"], midnight, midnight)
    assert answer["schedule"] == schedule


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = offering("plan", "plan", allowances=[allowance(policies=[{"note": noise(50_000)}])])
    with pytest.raises(Refusal) as refused:
        accepted(monkeypatch, bodies.activation(SUBSCRIBER, "plan"), subscriber(), plan)
    assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [(Code.TOO_LARGE, "$.products")]
