"""What partners do in a world, and when: all of it is drawn before the world begins."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from tests.simulation.catalog import PARTNERS
from tests.simulation.decisions import Decisions
from tests.simulation.deeds import DEEDS
from tests.simulation.partners import Action

ACTIVATE = "activate a subscription"


class Size(NamedTuple):
    """How much happens in a world, in which time, and how close together."""

    actions: int
    days: int
    activations: int
    """How many subscriptions are activated in the first minute."""
    moments: int
    """How many times there are at which all the rest begins."""
    seconds: float
    """How far apart it is there, on average."""
    busy: Sequence[int]
    """How much each partner does."""

    @classmethod
    def drawn(cls, chance: Random) -> "Size":
        """Return that of one world: in one day or many months, seldom in more than a year."""
        days = chance.choice([400] if chance.random() < 0.04 else [1, 7, 35, 70, 100])
        if chance.random() < 0.1:
            return cls(24, days, activations=2, moments=3, seconds=1, busy=(20, 1, 1))
        actions = chance.choice([5, 8, 12, 24])
        return cls(actions, days, activations=1 + actions // 8, moments=actions // 4, seconds=20, busy=(5, 3, 1))


def planned(decisions: Decisions, size: Size) -> Iterator[tuple[str, Action]]:
    """Yield each action with the name of its place."""
    chance = decisions.chance
    moments = [chance.random() * size.days for _ in range(size.moments)]
    for number in range(size.actions):
        place = f"action {number}"
        draw = partial(_activation if number < size.activations else _action, size, moments)
        if action := decisions.at(place, draw):
            yield place, action


def _activation(size: Size, _: Sequence[float], chance: Random) -> Action:
    """What a partner begins with."""
    return _drawn(chance, size, ACTIVATE, timedelta())


def _action(size: Size, moments: Sequence[float], chance: Random) -> Action:
    what = chance.choices([*DEEDS], [often for often, _ in DEEDS.values()])[0]
    return _drawn(chance, size, what, timedelta(days=chance.choice(moments)))


def _drawn(chance: Random, size: Size, what: str, after: timedelta) -> Action:
    after += timedelta(seconds=round(chance.expovariate(1 / size.seconds), 3))
    return Action(after, chance.choices(PARTNERS, size.busy)[0], what, chance.getrandbits(32))
