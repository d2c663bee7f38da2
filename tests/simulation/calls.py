"""Every call of AWS goes through here, and may go wrong."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from functions.shared.marshal import marshal, unmarshal
from tests.faults.kinds import CALL_FAULTS, Call, unreachable
from tests.faults.tap import Tapped
from tests.simulation.scheduler import Scheduler
from tests.simulation.table import Table
from tests.simulation.weather import OVERTAKEN, call_fault
from tests.support.newer_code import as_newer_code_writes

LAG = timedelta(seconds=20)
"""How late an index can be."""
OUTAGE = timedelta(minutes=40)
"""How long all of AWS is away, at most."""

NEWER = {"order", "subscription", "product", "sim_profile", "reservation"}
"""The kinds of records that newer code has more to say of."""


class Outage(NamedTuple):
    """A time at which every call fails."""

    since: datetime
    until: datetime

    def __str__(self) -> str:
        """Return it in words."""
        return f"no call of AWS succeeds from {self.since} to {self.until}"


class Calls:
    """What calls go through; the surroundings of a fault are those of :mod:`tests.faults.kinds`."""

    def __init__(self, scheduler: Scheduler, table: Table, horizon: timedelta) -> None:
        self._scheduler = scheduler
        self._table = table
        self._outages = [
            outage
            for number in range(scheduler.weather.outages)
            if (outage := scheduler.decisions.at(f"outage {number}", lambda chance: self._outage(chance, horizon)))
        ]

    def client(self, client: Any) -> Any:
        """Return a client whose calls go through here."""
        return Tapped(client, self)

    def call(self, name: str, make: Callable[..., Any], asked: Mapping[str, Any]) -> Any:
        """Make a call, or let it go wrong."""
        scheduler = self._scheduler
        if not scheduler.running:
            return make(**asked)
        running = scheduler.running[-1]
        running.calls += 1
        call = Call(name, make, self._prepared(name, asked))
        if any(since <= scheduler.now < until for since, until in self._outages):
            scheduler.tell("fault outage", running.message.name, "cannot make a call:", name)
            scheduler.wait(timedelta(seconds=1))
            return unreachable(self, call)
        place = f"{running.message.place}:{running.calls} {name}"
        kind = scheduler.decisions.at(place, lambda chance: call_fault(chance, scheduler.weather, name))
        if not kind:
            return call()
        said = f"{running.message.name} {running.message.about}, call {running.calls} ({name}):"
        scheduler.tell(f"fault {kind}", said, kind)
        return self._with(kind, call)

    def wait(self, how_long: timedelta) -> None:
        """Let time pass."""
        self._scheduler.wait(how_long)

    def let_land(self, call: Call) -> None:
        """Make the call when the function has ended."""
        self._scheduler.running[-1].landing.append(lambda: call.make(**call.asked))

    def duplicate(self) -> None:
        """Carry out something else, or the same, once more."""
        if self._kind == "raced":
            self._scheduler.race()
        else:
            self._scheduler.overtake()

    def index_before(self, asked: Mapping[str, Any]) -> list[Any]:
        """What the index showed a while ago."""
        shown: list[Any] = self._table.query_before(self._scheduler.now - LAG, **asked)["Items"]
        return shown

    def _with(self, kind: str, call: Call) -> Any:
        self._kind = kind
        if kind == OVERTAKEN:
            self._scheduler.overtake()
            return call()
        return CALL_FAULTS[kind](self, call)

    def _prepared(self, name: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is asked, in an order that is the same each time; as newer code asks it, if that is what runs."""
        newer = self._scheduler.running[-1].message.way.newer
        return as_newer_code(name, asked) if newer else in_order(name, asked)

    def _outage(self, chance: Random, horizon: timedelta) -> Outage:
        since = self._scheduler.now + horizon * chance.random()
        return Outage(since, since + OUTAGE * chance.random())


def in_order(name: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is asked, in an order that does not hang on how Python orders a set."""
    if name != "batch_get_item":
        return asked
    ((table, batch),) = asked["RequestItems"].items()
    return {"RequestItems": {table: {**batch, "Keys": sorted(batch["Keys"], key=str)}}}


def as_newer_code(name: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what newer code would ask: its items have more members."""
    if name != "transact_write_items":
        return in_order(name, asked)
    return {**asked, "TransactItems": [_newer(write) for write in asked["TransactItems"]]}


def _newer(write: Any) -> Any:
    if write.get("Put", {}).get("Item", {}).get("kind", {}).get("S") not in NEWER:
        return write
    item = marshal(as_newer_code_writes(unmarshal(write["Put"]["Item"])))
    return {"Put": {**write["Put"], "Item": item}}
