"""Many requests at once under one name: an idempotency key, a reference (contract §1 and §2)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.races import invariants
from tests.races.answers import Answer, ids_of, outcomes
from tests.races.faults import Faults
from tests.races.racing import THREADS, race_over
from tests.races.world import World, activation
from tests.support import bodies
from tests.support.builders import ADDON


def test_one_key_one_order(world: World, faults: Faults) -> None:
    with faults.at_work():
        answers = race_over(lambda body: world.insist("/orders", body, "one key"), [activation()] * THREADS)
    assert outcomes(answers) == {(201,): THREADS}
    assert len({(answer.headers["Location"], str(answer.body)) for answer in answers}) == 1
    assert sum(answer.headers["Idempotent-Replayed"] == "false" for answer in answers) <= 1
    assert len(world.orders()) == 1


def test_one_key_with_two_bodies(world: World, faults: Faults) -> None:
    bodies = [activation(), activation(purchase_location="FR")] * (THREADS // 2)
    with faults.at_work():
        answers = race_over(lambda body: world.insist("/orders", body, "one key"), bodies)
    assert outcomes(answers) == {(201,): THREADS // 2, (422,): THREADS // 2}
    assert len(world.orders()) == len(set(ids_of(answers))) == 1


@pytest.mark.parametrize("door", ["/orders", "/orders/activate-subscription"])
def test_one_reference_one_order(world: World, faults: Faults, door: str) -> None:
    with faults.at_work():
        answers = race_over(lambda body: world.insist(door, body), [activation(reference="one")] * THREADS)
    assert outcomes(answers) == {(201,): 1, (409, "duplicate_reference"): THREADS - 1}
    (order,) = world.orders()
    links = {answer.body["_links"]["order"]["href"] for answer in answers if answer.status == 409}
    assert {link.rpartition("/")[2] for link in links} == {order} == set(ids_of(answers))


def test_a_reference_without_a_key_finds_the_order_after_a_lost_answer(world: World, faults: Faults) -> None:
    """The first to commit gets an error; a partner that asks again learns of the existing order."""
    with faults.at_work():
        answers = race_over(lambda body: world.post("/orders", body), [activation(reference="one")] * THREADS)
    assert {status for status, *_ in outcomes(answers)} <= {201, 409, 500}
    assert len(ids_of(answers)) <= 1
    (order,) = world.orders()
    again = world.place(activation(reference="one"))
    assert again.body["_links"]["order"]["href"].endswith(f"/orders/{order}")
    invariants.check(world.items())


def test_without_faults_no_request_is_refused_as_busy(world: World) -> None:
    """A request that loses against another one reads again and answers, with no help from the partner."""
    answers = race_over(lambda body: world.post("/orders", body, "one key"), [activation(reference="one")] * THREADS)
    assert outcomes(answers) == {(201,): THREADS}
    assert sum(answer.headers["Idempotent-Replayed"] == "false" for answer in answers) == 1


def _reserved(world: World) -> dict[str, str]:
    return {"sim_type": "psim", "reservation_id": world.reserved()}


def _held(world: World) -> str:
    order = str(world.place(activation(on_hold_condition="porting")).body["id"])
    world.move_on(order)
    return order


OWN_EFFECT: dict[str, Callable[[World], tuple[str, dict[str, Any] | None]]] = {
    "order_already_scheduled": lambda world: (
        "/orders",
        bodies.cancellation(world.subscribe(), schedule=bodies.AT_CYCLE_END),
    ),
    "duplicate_reference": lambda world: ("/orders", bodies.topup(world.subscribe(), ADDON, reference="one")),
    "reservation_not_usable": lambda world: ("/orders", activation(sim_profile=_reserved(world))),
    "invalid_state of a subscription": lambda world: (f"/subscriptions/{world.subscribe()}/suspend", None),
    "invalid_state of an order": lambda world: (f"/orders/{_held(world)}/cancel", None),
}
"""What a second try would be refused with if it saw the first one's effect, and not its key."""


@pytest.mark.parametrize("request_of", OWN_EFFECT.values(), ids=list(OWN_EFFECT))
def test_no_try_is_refused_because_of_another_try(
    world: World, faults: Faults, request_of: Callable[[World], tuple[str, dict[str, Any] | None]]
) -> None:
    """Batched reads come back in pieces, and between two pieces another try commits."""
    path, body = request_of(world)

    def insist(_number: int) -> Answer:
        return world.insist(path, body, "one key")

    with faults.at_work(silence_first_write=False):
        answers = race_over(insist, range(THREADS))
    assert {status for status, *_ in outcomes(answers)} in ({201}, {200})
    assert len({str(answer.body) for answer in answers}) == 1
