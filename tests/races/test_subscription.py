"""Many orders at once on one subscription (contract §2, lock)."""

from tests.races import invariants
from tests.races.answers import Answer, ids_of, outcomes
from tests.races.faults import Faults
from tests.races.racing import THREADS, race, race_over
from tests.races.world import World
from tests.support import bodies
from tests.support.builders import ADDON, PLANS

ROOM = 13
"""The number of top-ups with three add-ons: 40 open products, one of which is the plan."""
BESIDE = 20
"""This many race; each attempt is lost to the quicker one, so the work grows with the square."""
IN_PROGRESS = (400, "order_in_progress")


def test_topups_run_side_by_side(world: World, faults: Faults) -> None:
    """As many as there is room for, counting what the others will bring; then they are carried out side by side."""
    subscription = world.subscribe()
    with faults.at_work():
        answers = race_over(world.place, [bodies.topup(subscription, *[ADDON] * 3)] * BESIDE)
    assert outcomes(answers) == {(201,): ROOM, (400, "too_many_products"): BESIDE - ROOM}
    invariants.check(world.items())
    with faults.at_work():
        ends = race_over(world.carry_out, ids_of(answers))
    assert set(ends) <= {"completed", "failed"}
    assert ends.count("completed") > ROOM // 2
    invariants.check(world.items())
    assert world.carry_out(world.place(bodies.cancellation(subscription)).body["id"]) == "completed"


def test_of_those_that_must_be_alone_one_is(world: World, faults: Faults) -> None:
    subscription = world.subscribe()
    world.stock(1)
    orders = [
        bodies.cancellation(subscription),
        bodies.swap(subscription),
        bodies.plan_change(subscription, PLANS[1]),
    ] * THREADS
    with faults.at_work():
        answers = race_over(world.place, orders[:THREADS])
    assert outcomes(answers) == {(201,): 1, IN_PROGRESS: THREADS - 1}
    invariants.check(world.items())
    (winner,) = ids_of(answers)
    assert world.carry_out(winner) == "completed"


def test_topups_and_those_that_must_be_alone_keep_apart(world: World, faults: Faults) -> None:
    subscription = world.subscribe()
    world.stock(1)
    with faults.at_work():
        orders = [bodies.topup(subscription, ADDON), bodies.swap(subscription)] * (THREADS // 2)
        answers = race_over(world.place, orders)
    assert set(outcomes(answers)) == {(201,), IN_PROGRESS}
    winners = [answer.body["type"] for answer in answers if answer.status == 201]
    assert winners in (["swap_subscription_sim"], ["topup_subscription"] * (THREADS // 2))
    invariants.check(world.items())
    assert {world.carry_out(order) for order in ids_of(answers)} == {"completed"}


def test_orders_that_wait_for_their_date_take_the_lock_one_by_one(world: World, faults: Faults) -> None:
    """A release by the clock against 49 orders that want to be alone now."""
    subscription = world.subscribe()
    world.stock(1)
    later = world.place(bodies.cancellation(subscription, schedule=bodies.AT_CYCLE_END)).body["id"]
    world.move_on(later)
    world.date_comes(subscription)
    answers: list[Answer] = []
    with faults.at_work():
        race([world.tick, *[lambda: answers.append(world.place(bodies.swap(subscription)))] * (THREADS - 1)])
    accepted = ids_of(answers)
    released = world.order(later)["status"] == "fulfilling"
    assert released + len(accepted) == 1
    invariants.check(world.items())
    assert world.carry_out(later if released else accepted[0]) == "completed"


def test_of_several_that_would_be_the_40th_to_wait_one_does(world: World, faults: Faults) -> None:
    subscription = world.subscribe()
    for _ in range(3):
        assert world.carry_out(world.place(bodies.topup(subscription, *[ADDON] * 13)).body["id"]) == "completed"
    later = {"schedule": bodies.AT_CYCLE_END}
    for product in world.open_products(subscription)[:39]:
        assert world.place(bodies.products_cancellation(subscription, product, **later)).status == 201
    orders = [
        bodies.cancellation(subscription, **later),
        bodies.plan_change(subscription, PLANS[1], **later),
    ] * (THREADS // 2)
    with faults.at_work():
        answers = race_over(world.place, orders)
    assert len(ids_of(answers)) == 1
    refused = [answer for answer in answers if answer.status != 201]
    assert {code for answer in refused for code in answer.codes} == {"order_already_scheduled"}
