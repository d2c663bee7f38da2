"""The steps that end an order: what they answer, and what they leave behind (docs/architecture.md)."""

from typing import Any

import pytest

from functions.orders import execution_task
from functions.orders.execution_task import Superseded
from functions.orders.order import HistoryEntry
from functions.shared import table
from functions.shared.clock import iso
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.subscription import Subscription
from tests.lifecycle.keyed_requests import ORDERS, reserved
from tests.lifecycle.steps import NOT_PREPARED, SILENT, begin, refusal, run, written_in
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.executions import Execution
from tests.support.timeline import Timeline


class TestComplete:
    """It carries out the order once the network has answered."""

    @pytest.mark.parametrize("door", ORDERS)
    def test_an_order_is_completed_at_one_moment(self, line: Timeline, door: str) -> None:
        execution = begin(line, ORDERS[door](line))
        run(line, execution, "prepare")
        answers: list[Any] = []
        moments = written_in(line, lambda: answers.append(run(line, execution, "complete", provisioned={})))
        order = line.order(execution.order_id)
        assert (answers, order.status) == ([{"status": "completed"}], "completed")
        assert order.completed_at is not None
        assert moments == {iso(order.completed_at)}
        assert order.history[-1] == HistoryEntry(status="completed", at=order.completed_at)
        assert order.due_at is None
        lock = line.subscription(order.subscription_id).lock
        assert (lock.exclusive, lock.topups, lock.reserved_places) == (None, [], {})

    def test_a_second_run_changes_nothing(self, line: Timeline) -> None:
        execution = begin(line, line.activation())
        run(line, execution, "prepare")
        run(line, execution, "complete", provisioned={})
        before = dict(line.world.items)
        assert run(line, execution, "complete", provisioned={}) == {"status": "completed"}
        assert line.world.items == before

    def test_a_network_that_answers_nothing_gives_no_number(self, line: Timeline) -> None:
        for answer in ({}, {"provisioned": None}):
            execution = begin(line, line.activation())
            run(line, execution, "prepare")
            run(line, execution, "complete", **answer)
            assert line.subscription(line.order(execution.order_id).subscription_id).phone_numbers == []

    def test_its_events_are_listed_by_the_order(self, line: Timeline) -> None:
        execution = begin(line, line.activation("extra"))
        run(line, execution, "prepare")
        run(line, execution, "complete", provisioned={})
        mine = {event["id"] for event in line.world.of_kind("event") if event.get("order_id") == execution.order_id}
        assert mine == set(line.order(execution.order_id).event_ids)
        types = {event["type"] for event in line.world.of_kind("event") if event["id"] in mine}
        assert {"order.completed", "subscription.active", "product.active"} <= types

    def test_a_card_that_is_linked_is_reserved_no_more(self, line: Timeline) -> None:
        execution = begin(line, line.activation(sim_profile=reserved(line)))
        run(line, execution, "prepare")
        run(line, execution, "complete", provisioned={})
        order = line.order(execution.order_id)
        assert line.subscription(order.subscription_id).sim_profile.id == order.sim_profile_id
        assert line.world.of_kind(Reservation.KIND) == []

    def test_a_subscription_that_the_operator_has_ended(self, line: Timeline) -> None:
        subscription = line.subscribe()
        execution = begin(line, bodies.topup(subscription, "extra"))
        run(line, execution, "prepare")
        line.report("terminated", subscription)
        said = refusal(line, execution, "complete")
        assert said == {"code": "subscription_not_active", "detail": "The subscription is terminated."}


class TestUndo:
    """It undoes the order and says why."""

    @pytest.mark.parametrize("door", ORDERS)
    def test_an_order_is_undone_at_one_moment(self, line: Timeline, door: str) -> None:
        execution = begin(line, ORDERS[door](line))
        run(line, execution, "prepare")
        answers: list[Any] = []
        moments = written_in(line, lambda: answers.append(run(line, execution, "undo", **SILENT)))
        order = line.order(execution.order_id)
        assert (answers, order.status) == ([{"status": "failed"}], "failed")
        assert moments == {iso(order.history[-1].at)}
        assert order.failure is not None
        assert (order.failure.code, order.failure.step) == ("network_timeout", "provision")
        assert order.history[-1].reason == "network_timeout"
        assert order.due_at is None
        assert order.event_ids[-1] == line.events_of(order.id)[-1].id
        known = table.read(Subscription, PARTNER, order.subscription_id)
        assert known is None or not known.lock.held

    def test_the_network_is_asked_to_undo_what_it_may_have_done(self, line: Timeline) -> None:
        execution = begin(line, line.activation())
        run(line, execution, "prepare")
        run(line, execution, "undo", **SILENT)
        (asked,) = line.world.of_kind("network_request")
        order = line.order(execution.order_id)
        assert asked["type"] == "network.deprovisioning.requested"
        assert asked["created_at"] == iso(order.history[-1].at)
        assert asked["data"]["order_id"] == order.id
        assert line.sim(order.sim_profile_id or "").awaits_deprovisioning(order.id)

    @pytest.mark.parametrize("prepared", [False, True])
    def test_a_network_that_was_never_asked_undoes_nothing(self, line: Timeline, prepared: bool) -> None:
        stock = line.world.stock()
        execution = begin(line, line.activation())
        if prepared:
            run(line, execution, "prepare")
        run(line, execution, "undo", **NOT_PREPARED)
        assert line.world.of_kind("network_request") == []
        assert line.world.stock() == stock

    def test_a_network_that_refused_undoes_nothing(self, line: Timeline) -> None:
        choice = reserved(line)
        execution = begin(line, line.activation(sim_profile=choice))
        run(line, execution, "prepare")
        run(line, execution, "undo", failed_step="provision", error={"Error": "NetworkRejected", "Cause": ""})
        assert line.world.of_kind("network_request") == []
        reservation = table.read(Reservation, PARTNER, choice["reservation_id"])
        assert reservation is not None
        assert reservation.usable(line.world.now)

    def test_an_order_that_was_not_prepared_asks_nothing_in_whatever_step_it_failed(self, line: Timeline) -> None:
        execution = begin(line, line.activation())
        run(line, execution, "undo", **SILENT)
        assert line.world.of_kind("network_request") == []

    @pytest.mark.parametrize("end", ["completed", "failed"])
    def test_an_order_that_is_final_stays_as_it_is(self, line: Timeline, end: str) -> None:
        execution = begin(line, line.activation())
        run(line, execution, "prepare")
        run(line, execution, "complete" if end == "completed" else "undo", **SILENT)
        before = dict(line.world.items)
        assert run(line, execution, "undo", **NOT_PREPARED) == {"status": end}
        assert line.world.items == before


@pytest.mark.parametrize("step", ["prepare", "complete"])
def test_a_step_comes_too_late(line: Timeline, step: str) -> None:
    execution = begin(line, line.activation())
    run(line, execution, "undo", **NOT_PREPARED)
    with pytest.raises(Superseded, match="the order is failed"):
        run(line, execution, step)


@pytest.mark.parametrize("step", execution_task.STEPS)
def test_an_order_that_is_not_there(line: Timeline, step: str) -> None:
    assert line.halted is False
    with pytest.raises(LookupError, match="the order does not exist"):
        run(line, Execution("ord_none", PARTNER, "ord_none"), step, **SILENT)
