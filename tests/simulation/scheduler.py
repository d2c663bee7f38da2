"""Carries out one message after the other, each at its time; also one within another, where functions overtake."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from tests.faults.kinds import Died
from tests.simulation.decisions import Decisions
from tests.simulation.failure import demand
from tests.simulation.weather import AS_USUAL, ONCE, Way, Weather, way

LATENCY = timedelta(milliseconds=50)
MAX_PAUSE = timedelta(minutes=2)
SOON = timedelta(seconds=10)
"""What comes so soon can overtake a function that is at work."""
MANY = 30_000
"""Messages that no world needs."""
DEPTH = 2
"""How many functions may be overtaken at a time."""
START = datetime.fromisoformat("2026-03-10T12:00:00+00:00")


def nothing(*_: Any) -> None:
    """Do nothing."""


@dataclass
class Message:
    """Something that a function is to carry out; it comes again until its ``tries`` are used up."""

    name: str
    carry_out: Callable[[], Any]
    heard: Callable[[Any], object] = nothing
    gave_up: Callable[[Exception], object] = nothing
    tries: int = 500
    pause: timedelta = timedelta(seconds=1.5)
    about: str = ""
    key: str = ""
    """What brought it about, and its number among that."""
    number: int = 1
    """Which try it is."""
    way: Way = AS_USUAL

    @property
    def place(self) -> str:
        """This try, among all that can ever be."""
        return f"{self.key}/{self.number}"


@dataclass
class Running:
    """What is being carried out, and how many calls and messages it has made."""

    message: Message
    calls: int = 0
    children: int = 0
    alone: bool = False
    """Whether it holds something that another function in the same process would wait for."""
    ids: Iterator[int] = field(default_factory=count)
    """The numbers of the ids that it makes."""
    landing: list[Callable[[], Any]] = field(default_factory=list)
    """Calls that take effect once it has ended."""


class Scheduler:
    """The messages that are on their way, and the time."""

    def __init__(self, decisions: Decisions, weather: Weather) -> None:
        self.now = START
        self.weather = weather
        self.decisions = decisions
        self.waiting: list[tuple[datetime, int, Message]] = []
        self.running: list[Running] = []
        self.carried_out = 0
        self.happened: Counter[str] = Counter()
        """How often each thing has happened, by its name."""
        self.told: list[str] | None = None
        """What has happened in words, if somebody wants to know."""
        self.failed: Callable[[Message, BaseException], object] = nothing
        self.done: Callable[[Message, str], object] = nothing
        """Is told of each message that was carried out, and what came of it."""
        self._numbers = count()

    def send(self, message: Message, after: timedelta = LATENCY, key: str = "") -> None:
        """Let a message come; what brought it about is what is being carried out, if it has no ``key``."""
        message.key = key or self._next_key()
        drawn = self.decisions.at(f"{message.key} way", lambda chance: way(chance, self.weather, message.name))
        if drawn:
            message.way = drawn
            self._note_way(message)
        self._push(message, self.now + after + message.way.late)
        if message.way.again is not None:
            again = replace(message, heard=nothing, gave_up=nothing, tries=1, key=f"{message.key}'")
            self._push(again, self.now + after + message.way.late + message.way.again)

    def at(self, moment: datetime, name: str, happen: Callable[[], object]) -> None:
        """Let something happen at its time and once."""
        self._push(Message(name, happen, key=self._next_key()), moment)

    def first(self) -> datetime | None:
        """When the next message comes."""
        return self.waiting[0][0] if self.waiting else None

    def go_on(self) -> None:
        """Carry out the next message."""
        moment, _, message = heappop(self.waiting)
        self.now = max(self.now, moment)
        self._carry_out(message)

    def overtake(self) -> None:
        """Carry out what comes soon or, if nothing does, once more what is being carried out."""
        first = self.first()
        if self._may_be_overtaken() and first is not None and first <= self.now + SOON:
            self.go_on()
        else:
            self.race()

    def race(self) -> None:
        """Carry out once more, from beginning to end, what is being carried out; how that ends, nobody hears."""
        if self._may_be_overtaken() and self.running[-1].message.name not in ONCE:
            running = self.running[-1]
            key = f"{running.message.place}~{running.calls}"
            self._carry_out(replace(running.message, heard=nothing, gave_up=nothing, tries=1, key=key))

    def tell(self, name: str, *what: object) -> None:
        """Count what happens; put it in words, if somebody wants to know."""
        self.happened[name] += 1
        if self.told is not None:
            passed = self.now - START
            moment = f"{timedelta(seconds=passed.seconds)!s:0>8}"
            self.told.append(f"day {passed.days}, {moment}  {' '.join(map(str, what))}")

    def wait(self, how_long: timedelta) -> None:
        """Let time pass."""
        self.now += how_long

    def _note_way(self, message: Message) -> None:
        way = message.way
        for happens, name in ((way.late, "late"), (way.again is not None, "twice"), (way.newer, "newer code")):
            self.happened[f"{message.name}: {name}"] += bool(happens)
        self.tell("not as usual", message.name, message.about, "comes", way)

    def _may_be_overtaken(self) -> bool:
        return len(self.running) <= DEPTH and not any(running.alone for running in self.running)

    def _carry_out(self, message: Message) -> None:
        self.carried_out += 1
        demand(self.carried_out < MANY, "a world comes to rest", message.about or message.name)
        try:
            with self._running(message):
                answer = message.carry_out()
                message.heard(answer)
        except (Exception, Died) as error:  # noqa: BLE001 - after any error, the message comes again
            self.tell(f"error {type(error).__name__}", message.name, message.about, "ends with", repr(error)[:200])
            self.failed(message, error)
            self._come_again(message, error if isinstance(error, Exception) else RuntimeError("died"))
            self.done(message, type(error).__name__)
        else:
            self.done(message, "done")

    def _come_again(self, message: Message, error: Exception) -> None:
        if message.number < message.tries:
            pause = min(MAX_PAUSE, message.pause * 2 ** min(message.number - 1, 8))
            self._push(replace(message, number=message.number + 1), self.now + pause)
        else:
            with self._running(replace(message, number=message.number + 1)):
                message.gave_up(error)

    @contextmanager
    def _running(self, message: Message) -> Iterator[None]:
        running = Running(message)
        self.running.append(running)
        try:
            yield
        finally:
            for call in running.landing:
                with suppress(ClientError):
                    call()
            self.running.pop()

    def _next_key(self) -> str:
        if not self.running:
            return f"#{next(self._numbers)}"
        running = self.running[-1]
        running.children += 1
        return f"{running.message.place}.{running.children}"

    def _push(self, message: Message, moment: datetime) -> None:
        heappush(self.waiting, (moment, next(self._numbers), message))
