"""Many orders whose first step takes a SIM."""

from functions.orders.kind import StepRefused
from tests.races.answers import ids_of
from tests.races.racing import race_over
from tests.races.world import World, activation


def accepted(world: World, orders: int) -> list[str]:
    """Activations that are being fulfilled."""
    ids = ids_of(race_over(world.place, [activation()] * orders))
    race_over(world.move_on, ids)
    return ids


def refusal(world: World, order: str) -> StepRefused | None:
    """Why the order's first step was refused, if it was."""
    try:
        world.step("prepare", order)
    except StepRefused as refused:
        return refused
    return None
