"""The step that takes what an order needs, and returns what the network is asked (docs/architecture.md)."""

import pytest

from functions.network.requests import provisioning
from functions.orders.execution_task import ExecutionTaskSettings
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation
from infra.operator import sims
from tests.lifecycle.keyed_requests import ORDERS, reserved
from tests.lifecycle.steps import begin, refusal, run, suspend
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.sims import esim
from tests.support.timeline import ESIMS, Timeline

CANCEL, CANCEL_PRODUCTS = "cancel-subscription", "cancel-subscription-products"


def test_an_activation(line: Timeline) -> None:
    execution = begin(line, line.activation("extra"))
    answer = run(line, execution, "prepare")
    order = line.order(execution.order_id)
    sim = line.sim(order.sim_profile_id or "")
    assert answer == {
        "request": provisioning(order, "created", sim),
        "timeout_seconds": ExecutionTaskSettings.load().network_timeout_seconds,
    }
    assert (sim.status, sim.order_id, sim.profile_status) == ("reserved", order.id, "ready_for_installation")
    assert (order.prepared, order.prepared_at) == (True, order.updated_at)
    assert run(line, execution, "prepare") == answer
    assert line.order(order.id) == order


def test_the_new_sim_of_a_swap(line: Timeline) -> None:
    subscription = line.subscribe()
    execution = begin(line, bodies.swap(subscription, device={"uicc": {"eid": "1" * 32}}))
    asked = run(line, execution, "prepare")["request"]
    order = line.order(execution.order_id)
    sim = line.sim(order.sim_profile_id or "")
    assert asked == provisioning(order, "active", sim)
    assert sim.eid == "1" * 32
    assert sim.id != line.subscription(subscription).sim_profile.id


def test_the_sim_that_stays(line: Timeline) -> None:
    subscription = line.subscribe()
    execution = begin(line, bodies.topup(subscription, "extra"))
    asked = run(line, execution, "prepare")["request"]
    assert asked["sim_profile"]["id"] == line.subscription(subscription).sim_profile.id


def test_a_reserved_card(line: Timeline) -> None:
    choice = reserved(line)
    execution = begin(line, line.activation(sim_profile=choice))
    asked = run(line, execution, "prepare")["request"]
    sim = line.sim(asked["sim_profile"]["id"])
    assert (sim.reservation_id, sim.order_id) == (choice["reservation_id"], execution.order_id)


def test_the_esim_that_the_network_has_for_the_order(line: Timeline) -> None:
    """Out of twenty, so that it is not taken by chance."""
    *_, wanted = sims.load(PARTNER, [esim(100 + number) for number in range(20)])
    execution = begin(line, line.activation())
    asked = run(line, execution, "prepare", sim_profile_id=wanted.id)["request"]
    assert asked["sim_profile"]["id"] == line.order(execution.order_id).sim_profile_id == wanted.id


@pytest.mark.parametrize(
    "door", [door for door in ORDERS if door not in {"activate-subscription", CANCEL, CANCEL_PRODUCTS}]
)
def test_a_subscription_that_takes_no_orders(line: Timeline, door: str) -> None:
    execution = begin(line, ORDERS[door](line))
    suspend(line, line.order(execution.order_id).subscription_id)
    said = refusal(line, execution, "prepare")
    assert said == {"code": "subscription_not_active", "detail": "The subscription is suspended."}


@pytest.mark.parametrize("door", [CANCEL, CANCEL_PRODUCTS])
def test_a_suspended_subscription_can_be_canceled(line: Timeline, door: str) -> None:
    execution = begin(line, ORDERS[door](line))
    suspend(line, line.order(execution.order_id).subscription_id)
    run(line, execution, "prepare")
    assert line.order(execution.order_id).prepared


@pytest.mark.parametrize("which", ["unknown", "taken"])
def test_an_esim_that_is_not_in_stock(line: Timeline, which: str) -> None:
    taken = line.subscription(line.subscribe()).sim_profile.id
    execution = begin(line, line.activation())
    said = refusal(line, execution, "prepare", sim_profile_id=taken if which == "taken" else "simp_none")
    detail = "The eSIM that the network has for the order is not in stock."
    assert said == {"code": "no_sim_available", "detail": detail}


def test_no_esim(line: Timeline) -> None:
    for _ in range(ESIMS):
        line.subscribe()
    execution = begin(line, line.activation())
    said = refusal(line, execution, "prepare")
    assert said == {"code": "no_sim_available", "detail": "No eSIM is in stock."}


@pytest.mark.parametrize("lost", ["the reservation", "to another order", "the SIM", "the SIM's place"])
def test_a_card_that_is_gone(line: Timeline, lost: str) -> None:
    execution = begin(line, line.activation(sim_profile=reserved(line)))
    order = line.order(execution.order_id)
    sim = line.sim(order.sim_profile_id or "")
    reservation = table.read(Reservation, PARTNER, order.reservation_id or "")
    assert reservation is not None
    change = Transaction()
    if lost == "the reservation":
        change.delete(reservation)
    elif lost == "to another order":
        reservation.order_id = "ord_another"
        change.update(reservation)
    elif lost == "the SIM":
        change.delete(sim)
    else:
        sim.status = "retired"
        change.update(sim)
    change.commit()
    line.world.look()
    said = refusal(line, execution, "prepare")
    assert said == {"code": "reservation_not_usable", "detail": "The reserved SIM is no longer available."}
