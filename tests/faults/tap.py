"""Where a fault strikes: every call of AWS and every message goes through here, and is counted."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import ClientError

from functions.shared.marshal import marshal
from tests.faults.kinds import CALL_FAULTS, DISORDER, LASTING, Call
from tests.support.store import Item
from tests.support.world import World

UNCOUNTED = {"news", "begin"}
"""What a test asks of its table."""


class Fault(NamedTuple):
    """A kind of fault, and the number of the call or message that it strikes; it must have this name."""

    kind: str
    number: int
    name: str

    @property
    def place(self) -> str:
        """Where it strikes."""
        return self.kind if self.kind == DISORDER else "call" if self.kind in CALL_FAULTS else "message"


Choose = Callable[[str, int], Fault | None]
"""Of a place (a call, a message, or a disorder before one) and its number, the fault that strikes there."""


class Tap:
    """Counts the calls and the messages of a scenario's way; one of them has a fault."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fault: Fault | None = None
        self.choose: Choose = lambda *_: None
        """Which fault strikes here, if none has yet."""
        self.calls: list[str] = []
        self.messages: list[tuple[str, int]] = []
        """Their names, and how many others could have come in their place."""
        self.struck = 0
        """How often the fault took effect."""
        self.seen: set[str] = set()
        """What has been gone through: operations, messages, and kinds of records that were due."""
        self._landing: list[Call] = []
        self._open = False
        self._ends: datetime | None = None
        self._running: list[Callable[[], Any]] = []

    @contextmanager
    def open(self) -> Iterator[None]:
        """Count, and let the fault strike."""
        self._open = True
        yield
        self._open = False

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Neither count, nor let the fault strike."""
        was, self._open = self._open, False
        try:
            yield
        finally:
            self._open = was

    def client(self, client: Any) -> Any:
        """Return a client whose calls go through here."""
        return Tapped(client, self)

    def call(self, name: str, make: Callable[..., Any], asked: Mapping[str, Any]) -> Any:
        """Make a call, or let it go wrong."""
        made = Call(name, make, asked)
        if not self._open:
            return made()
        self.calls.append(name)
        self._meet("call", len(self.calls) - 1)
        kind = self._kind_of_call(name)
        return CALL_FAULTS[kind](self, made) if kind else made()

    def message(self, name: str, others: int) -> str:
        """Count a message; return the kind of fault that it has, or nothing."""
        if not self._open:
            return ""
        self.messages.append((name, others))
        self._meet("message", len(self.messages) - 1)
        return self._strike(len(self.messages) - 1, name) if self.fault and self.fault.kind not in CALL_FAULTS else ""

    def note(self, *what: str) -> None:
        """Remember what is gone through."""
        if self._open:
            self.seen.update(what)

    def is_disordered(self) -> bool:
        """Whether another message is to come in place of the next one."""
        if self._open:
            self._meet(DISORDER, len(self.messages))
        return self._open and self.fault is not None and self.fault[:2] == (DISORDER, len(self.messages))

    @contextmanager
    def carrying_out(self, message: Callable[[], Any]) -> Iterator[None]:
        """Know what a function is carrying out."""
        self._running.append(message)
        try:
            yield
        finally:
            self._running.pop()
            self._land()

    def wait(self, how_long: timedelta) -> None:
        """Let time pass."""
        self.world.now += how_long

    def let_land(self, call: Call) -> None:
        """Make the call when what is being carried out has ended."""
        self._landing.append(call)

    def duplicate(self) -> None:
        """Carry out once more what is being carried out; how it ends, nobody hears."""
        with self.closed():
            try:
                self._running[-1]()
            except AssertionError:
                raise
            except Exception:  # noqa: BLE001 - one of the two may be refused
                return

    def index_before(self, asked: Mapping[str, Any]) -> list[Any]:
        """What an index showed before the last change of each item."""
        values = asked["ExpressionAttributeValues"]
        index = asked["IndexName"]
        names = ("due_shard", "due_at") if index == "due" else (f"{index}pk", f"{index}sk")
        wanted = values.get(":shard") or values.get(":pk")
        shown = [item for item in self.world.before.values() if marshal(item).get(names[0]) == wanted]
        if ":now" in values:
            shown = [item for item in shown if item["due_at"] <= values[":now"]["S"]]
        return [marshal(item) for item in sorted(shown, key=lambda item: str(item[names[1]]))]

    def _land(self) -> None:
        calls, self._landing = self._landing, []
        for call in calls:
            with suppress(ClientError):
                call()

    def _meet(self, place: str, number: int) -> None:
        self.fault = self.fault or self.choose(place, number)

    def _kind_of_call(self, name: str) -> str:
        if self._ends is not None and self.fault:
            return self.fault.kind if self.world.now < self._ends else ""
        if self.fault is None or self.fault.kind not in CALL_FAULTS:
            return ""
        kind = self._strike(len(self.calls) - 1, name)
        if kind in LASTING:
            self._ends = self.world.now + LASTING[kind]
        return kind

    def _strike(self, number: int, name: str) -> str:
        if self.fault is None or number != self.fault.number:
            return ""
        assert name == self.fault.name, f"{number} is {name}, not {self.fault.name}: the way is not the same each time"
        self.struck += 1
        return self.fault.kind


class Calls(Protocol):
    """What calls go through."""

    def call(self, name: str, make: Callable[..., Any], asked: Mapping[str, Any]) -> Any:
        """Make a call, or let it go wrong."""


class Tapped:
    """A client whose calls go through something else."""

    def __init__(self, client: Any, tap: Calls) -> None:
        self._client = client
        self._tap = tap

    def __getattr__(self, name: str) -> Any:
        if name == "get_paginator":
            return lambda _name: _Pages(self)
        method = getattr(self._client, name)
        if name in UNCOUNTED:
            return method
        return lambda **asked: self._tap.call(_named(name, asked), method, asked)


class _Pages:
    """The pages of a query; here one holds everything."""

    def __init__(self, client: Tapped) -> None:
        self._client = client

    def paginate(self, **asked: Any) -> Iterator[Item]:
        """One page."""
        asked.pop("PaginationConfig", None)
        yield self._client.query(**asked)


def _named(name: str, asked: Mapping[str, Any]) -> str:
    return "query of an index" if "IndexName" in asked else name
