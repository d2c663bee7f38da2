"""How much goes wrong in a world: some are calm, some stormy."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from tests.faults.kinds import CALL_FAULTS, LASTING, applies

OVERTAKEN = "overtaken"
"""A fault of a call: another message is carried out, from beginning to end, just before it."""
KINDS = tuple(kind for kind in (*CALL_FAULTS, OVERTAKEN) if kind not in LASTING)
INTERLEAVING = ("raced", "torn", OVERTAKEN)
"""The kinds that do no more than what happens beside a function."""
SECONDS = {"request": 2.0, "stream": 3.5, "clock": 5.0, "ask": 2.0, "queue": 4.0, "answer": 5.0, "report": 5.0}
"""How late each message can be, as a power of ten; what is not named here comes within a few seconds."""

ONCE = {"action", "ask"}
"""What comes once: partners do not act twice, and a state machine makes each of its own calls once."""


class Weather(NamedTuple):
    """How often something happens: to a call, to a message, in the network, at an endpoint, in all of AWS."""

    calls: float = 0
    interleaved: float = 0
    late: float = 0
    twice: float = 0
    network: float = 0
    endpoints: float = 0
    outages: int = 0
    newer: float = 0
    """How many invocations are of newer code."""


class Way(NamedTuple):
    """How a message comes, if not at once, once, and to the code that is there."""

    late: timedelta = timedelta()
    again: timedelta | None = None
    newer: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        said = [f"{self.late} late" if self.late else "", "carried out by newer code" if self.newer else ""]
        return ", ".join(filter(None, [*said, f"again {self.again} later" if self.again is not None else ""]))


CALM = Weather()
AS_USUAL = Way()


def weather(chance: Random) -> Weather:
    """Return that of one world: every fourth is calm, and few have all kinds of trouble."""
    if chance.random() < 0.25:
        return CALM
    force = chance.choice([0.3, 1, 1, 3])

    def some(rate: float) -> float:
        return force * rate if chance.random() < 0.7 else 0.0

    newer = 0.5 if chance.random() < 0.25 else 0.0
    outages = chance.choice([0, 0, 1, 3])
    return Weather(some(0.02), some(0.02), some(0.05), some(0.05), some(0.15), some(0.1), outages, newer)


def way(chance: Random, now: Weather, name: str) -> Way | None:
    """Draw how a message comes."""
    late = again = timedelta()
    if chance.random() < now.late and name != "action":
        late = _seconds(chance, name)
    repeated = chance.random() < now.twice and name not in ONCE
    if repeated:
        again = _seconds(chance, name)
    drawn = Way(late, again if repeated else None, chance.random() < now.newer)
    return drawn if drawn != AS_USUAL else None


def call_fault(chance: Random, now: Weather, name: str) -> str | None:
    """Draw what goes wrong with a call."""
    drawn = chance.random()
    if drawn >= now.calls + now.interleaved:
        return None
    return chance.choice(_possible(name, KINDS if drawn < now.calls else INTERLEAVING))


@cache
def _possible(name: str, kinds: Sequence[str]) -> Sequence[str]:
    """The kinds of faults that a call of this name can have."""
    return [kind for kind in kinds if kind == OVERTAKEN or applies(kind, name)]


def _seconds(chance: Random, name: str) -> timedelta:
    return timedelta(seconds=round(10 ** chance.uniform(-1, SECONDS.get(name, 1)), 3))
