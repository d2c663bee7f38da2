"""Many orders at once for the last SIM (contract §7: never two subscriptions on one SIM)."""

import json
from typing import Any

import pytest

from functions.orders.kind import StepRefused
from tests.races import invariants
from tests.races.answers import ids_of, outcomes
from tests.races.faults import Faults
from tests.races.first_step import accepted, refusal
from tests.races.racing import THREADS, race_over
from tests.races.world import World, activation
from tests.support.carrying_out import caught


@pytest.mark.parametrize("sims", [1, 5])
def test_the_last_sims_in_stock(world: World, faults: Faults, sims: int) -> None:
    orders = accepted(world, THREADS)
    world.stock(sims)
    with faults.at_work():
        refusals = race_over(lambda order: refusal(world, order), orders)
    codes = [json.loads(str(refused))["code"] if refused else None for refused in refusals]
    assert sorted(codes, key=str) == [None] * sims + ["no_sim_available"] * (THREADS - sims)
    invariants.check(world.items())
    ends = race_over(lambda pair: end(world, *pair), zip(orders, refusals, strict=True))
    assert sorted(ends) == ["completed"] * sims + ["failed"] * (THREADS - sims)


def end(world: World, order: str, refused: StepRefused | None) -> Any:
    """What comes after the first step."""
    if refused is None:
        return world.step("complete", order)["status"]
    return world.undo(order, "prepare", caught(refused))["status"]


def test_a_sim_that_comes_back_while_all_want_it(world: World, faults: Faults) -> None:
    """One order has the last SIM and is undone, before the network was asked, while 49 others try to take it."""
    first, *others = accepted(world, THREADS)
    world.stock(1)
    world.step("prepare", first)
    lost: Any = {"Error": "States.Timeout", "Cause": ""}

    def act(order: str) -> StepRefused | None:
        if order != first:
            return refusal(world, order)
        world.undo(first, "prepare", lost)
        return None

    with faults.at_work():
        refusals = race_over(act, [first, *others])
    assert sum(refused is None for refused in refusals[1:]) <= 1
    invariants.check(world.items())


def test_one_order_prepared_many_times_takes_one_sim(world: World, faults: Faults) -> None:
    (order,) = accepted(world, 1)
    world.stock(THREADS)
    with faults.at_work():
        answers = race_over(lambda _: world.step("prepare", order), range(THREADS))
    assert len({answer["request"]["sim_profile"]["id"] for answer in answers}) == 1
    assert len(invariants.check(world.items()).partition("esim_stock")) == THREADS - 1


def test_one_reservation_one_order(world: World, faults: Faults) -> None:
    sim_profile = {"sim_type": "psim", "reservation_id": world.reserved()}
    with faults.at_work():
        answers = race_over(world.place, [activation(sim_profile=sim_profile)] * THREADS)
    assert outcomes(answers) == {(201,): 1, (400, "reservation_not_usable"): THREADS - 1}
    invariants.check(world.items())
    assert world.carry_out(*ids_of(answers)) == "completed"
