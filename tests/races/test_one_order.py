"""Many who want one order to move, each another way: one of them moves it."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.network.requests import NetworkRequest
from functions.orders.execution_task import Superseded
from tests.races import invariants
from tests.races.answers import Answer, outcomes
from tests.races.faults import Faults
from tests.races.racing import THREADS, race, race_over
from tests.races.world import World, activation
from tests.support import bodies

INVALID = (400, "invalid_state")
WAYS = {
    "all three": ("cancel", "resume", "clock"),
    "cancel and resume": ("cancel", "resume"),
    "cancel and clock": ("cancel", "clock"),
    "resume and clock": ("resume", "clock"),
}
BECOMES = {"cancel": "canceled", "resume": "fulfilling", "clock": "expired"}


def held(world: World) -> str:
    """An order that is on hold and whose time is up."""
    reservation = {"sim_type": "psim", "reservation_id": world.reserved()}
    order = world.place(activation(sim_profile=reservation, on_hold_condition="porting")).body["id"]
    world.move_on(order)
    world.is_due(order)
    return str(order)


def act(world: World, order: str, way: str) -> Answer | None:
    if way != "clock":
        return world.insist(f"/orders/{order}/{way}")
    world.tick()
    return None


@pytest.mark.parametrize("ways", WAYS.values(), ids=list(WAYS))
def test_one_waiting_order(world: World, faults: Faults, ways: tuple[str, ...]) -> None:
    order = held(world)
    racers = (list(ways) * THREADS)[:THREADS]
    with faults.at_work():
        answers = race_over(lambda way: act(world, order, way), racers)
    (winner,) = (way for way in ways if BECOMES[way] == world.order(order)["status"])
    for way in {*ways} - {"clock"}:
        mine = [answer for answer, racer in zip(answers, racers, strict=True) if racer == way and answer]
        won = {(200,): 1} if way == winner else {}
        assert outcomes(mine) == won | {INVALID: len(mine) - len(won)}
    assert [entry["status"] for entry in world.order(order)["history"]] == ["accepted", "on_hold", BECOMES[winner]]
    assert world.started == []


def test_one_scheduled_order_canceled_and_released(world: World, faults: Faults) -> None:
    subscription = world.subscribe()
    order = world.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END)).body["id"]
    world.move_on(order)
    world.date_comes(subscription)
    racers = ["cancel", "clock"] * (THREADS // 2)
    with faults.at_work():
        answers = race_over(lambda way: act(world, order, way), racers)
    canceled = [answer.status for answer in answers if answer].count(200)
    assert world.order(order)["status"] == ("canceled" if canceled else "fulfilling")
    assert canceled <= 1


def test_the_stream_delivers_one_order_many_times(world: World, faults: Faults) -> None:
    order = world.place(activation()).body["id"]
    with faults.at_work():
        race([lambda: world.move_on(order)] * THREADS)
    assert [entry["status"] for entry in world.order(order)["history"]] == ["accepted", "fulfilling"]


def prepared_activation(world: World) -> str:
    world.stock(1)
    order = str(world.place(activation()).body["id"])
    world.move_on(order)
    world.step("prepare", order)
    return order


def prepared_swap(world: World) -> str:
    subscription = world.subscribe()
    world.stock(1)
    order = str(world.place(bodies.swap(subscription)).body["id"])
    world.move_on(order)
    world.step("prepare", order)
    return order


def prepared_cancellation(world: World) -> str:
    order = str(world.place(bodies.cancellation(world.subscribe())).body["id"])
    world.move_on(order)
    world.step("prepare", order)
    return order


@pytest.mark.parametrize("prepared", [prepared_activation, prepared_swap, prepared_cancellation])
def test_complete_against_undo(world: World, faults: Faults, prepared: Callable[[World], str]) -> None:
    """As when a step still runs after its time is up: whichever commits first, the other changes nothing."""
    order = prepared(world)

    def complete() -> Any:
        try:
            return world.step("complete", order)["status"]
        except Superseded:
            return "failed"

    def undo() -> Any:
        return world.undo(order)["status"]

    with faults.at_work():
        ends = race([complete, undo] * (THREADS // 2))
    assert set(ends) == {world.order(order)["status"]}
    asked = invariants.check(world.items()).of(NetworkRequest).values()
    assert len(asked) == (world.order(order)["status"] == "failed")
