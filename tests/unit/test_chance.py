"""What is random in the sandbox follows from its seed; in AWS, and without a seed, from nothing (contract §9)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from random import SystemRandom

from functions.shared import ids
from functions.sim_profiles import stock
from infra.local.chance import Chance
from tests.support.builders import NOW


@contextmanager
def chosen_by(seed: str) -> Iterator[Chance]:
    chance = Chance(seed)
    with chance.in_force():
        yield chance


def choices(chance: Chance) -> list[object]:
    """One of each kind, in an order in which kinds do not disturb each other."""
    return [
        str(ids.random_ulid("ord", NOW)),
        next(ids.rising_ids("evt", NOW)),
        stock.choices().randrange(10**9),
        chance.source("partner").randbytes(4),
        str(ids.random_ulid("ord", NOW + timedelta(milliseconds=1)))[10:],
    ]


def test_the_same_seed_has_the_same_choices() -> None:
    with chosen_by("7") as chance:
        first = choices(chance)
        second = choices(chance)
        chance.restart()
        assert choices(chance) == first
    with chosen_by("7") as chance:
        assert choices(chance) == first
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_another_seed_and_no_seed_have_others() -> None:
    made = []
    for seed in ("7", "8", "", ""):
        with chosen_by(seed) as chance:
            made.append(choices(chance))
    assert all(len(set(kind)) == len(made) for kind in zip(*made, strict=True))


def test_a_kind_has_the_same_choices_whatever_else_is_chosen() -> None:
    with chosen_by("7"):
        alone = [ids.random_ulid("prd", NOW) for _ in range(3)]
    with chosen_by("7"):
        mixed = []
        for _ in range(3):
            mixed.append(ids.random_ulid("prd", NOW))
            ids.random_ulid("ord", NOW)
            stock.choices().random()
    assert mixed == alone


def test_ids_of_one_moment_rise_and_leave_room_for_the_events_of_a_change() -> None:
    with chosen_by("7"):
        made = [int.from_bytes(ids.random_ulid("evt", NOW).bytes, "big") for _ in range(1000)]
    assert all(later - earlier >= 1000 for earlier, later in pairwise(made))


def test_functions_choose_by_the_systems_randomness_otherwise() -> None:
    assert isinstance(stock.choices(), SystemRandom)
    with chosen_by(""):
        assert isinstance(stock.choices(), SystemRandom)
