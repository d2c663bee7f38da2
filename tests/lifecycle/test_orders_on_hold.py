"""Orders that wait for a porting, at most 30 days (contract §2, Lifecycle)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation
from infra.operator import sims
from tests.support.builders import PARTNER
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

DAY = timedelta(days=1)


@pytest.fixture
def reserved(line: Timeline) -> dict[str, str]:
    """The choice of a physical SIM that the partner has reserved."""
    card = physical_sim()
    sims.load(PARTNER, [card])
    status, sim = line.act("/sim-profiles/reserve", {"activation_code": card.activation_code})
    assert status == 201
    return {"sim_type": "psim", "reservation_id": sim["reservation_id"]}


def held(line: Timeline, sim_profile: dict[str, str]) -> str:
    order = line.place(line.activation(on_hold_condition="porting", sim_profile=sim_profile))
    assert line.order(order).status == "on_hold"
    return order


def test_it_is_canceled_and_its_reservation_is_open_again(line: Timeline, reserved: dict[str, str]) -> None:
    order = held(line, reserved)
    again = line.activation(sim_profile=reserved)
    ((code, _),) = line.refused(again)
    assert code == "reservation_not_usable"
    status, answer = line.act(f"/orders/{order}/cancel")
    assert (status, answer["status"]) == (200, "canceled")
    assert answer == line.world.get(f"/orders/{order}")
    assert line.order(line.place(again)).status == "completed"


def test_its_reservation_is_gone_when_it_is_resumed(line: Timeline, reserved: dict[str, str]) -> None:
    order = held(line, reserved)
    reservation = table.read(Reservation, PARTNER, reserved["reservation_id"])
    assert reservation is not None
    change = Transaction()
    change.delete(reservation)
    change.commit()
    line.act(f"/orders/{order}/resume")
    failure = line.order(order).failure
    assert failure is not None
    assert (failure.code, failure.step, failure.retriable) == ("reservation_not_usable", "prepare", False)


def test_it_expires_after_30_days(line: Timeline, reserved: dict[str, str]) -> None:
    order = held(line, reserved)
    since = line.order(order).history[-1].at
    line.move_to(since + 30 * DAY - timedelta(minutes=1))
    assert line.order(order).status == "on_hold"
    line.move_to(since + 30 * DAY)
    assert line.event_types_of(order) == ["order.accepted", "order.on_hold", "order.expired"]
    assert "canceled_at" not in line.world.get(f"/orders/{order}")
    assert line.order(line.place(line.activation(sim_profile=reserved))).status == "completed"


@pytest.mark.parametrize(("body", "intent"), [(None, "pi_1"), ({}, "pi_1"), ({"payment_intent_id": "pi_2"}, "pi_2")])
def test_it_is_resumed_maybe_with_another_payment(line: Timeline, body: dict[str, Any] | None, intent: str) -> None:
    order = line.place(line.activation(on_hold_condition="porting", payment_intent_id="pi_1"))
    status, answer = line.world.post(f"/orders/{order}/resume", body)
    assert (status, answer["status"], answer["payment_intent_id"]) == (200, "fulfilling", intent)
    assert answer == line.world.get(f"/orders/{order}")
    event = line.events_of(order)[-1]
    assert (event.type, event.data, event.order_id) == ("order.fulfilling", {"order": answer}, order)
    line.rest()
    kept = line.order(order)
    assert (kept.status, kept.payment_intent_id) == ("completed", intent)


@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_what_does_not_wait_is_left_as_it_is(line: Timeline, action: str) -> None:
    order = line.place(line.activation())
    before = line.world.get(f"/orders/{order}")
    status, problem = line.act(f"/orders/{order}/{action}")
    fault = {"code": "invalid_state", "detail": "The order is completed.", "pointer": "$.status"}
    assert (status, problem["errors"]) == (400, [fault])
    assert line.world.get(f"/orders/{order}") == before
