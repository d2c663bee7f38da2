"""One world: partners, a network and AWS around the functions, all of which follows from a seed."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Any

from functions.events import clock as clock_function
from functions.events.read import LogSettings
from functions.shared.clock import iso
from functions.shared.event import EVENTS_KEPT
from tests.simulation.aws import Bus, Queues, Stream
from tests.simulation.calls import Calls
from tests.simulation.catalog import PARTNERS
from tests.simulation.chance import Ids
from tests.simulation.decisions import Decisions
from tests.simulation.deeds import DEEDS
from tests.simulation.endpoints import Endpoints
from tests.simulation.gateway import Gateway
from tests.simulation.machines import Machines
from tests.simulation.network import Network
from tests.simulation.partners import Action, Partner, Surroundings
from tests.simulation.plan import Size, planned
from tests.simulation.records import Records
from tests.simulation.scheduler import START, Message, Scheduler
from tests.simulation.table import Change, Primary, Table
from tests.simulation.watch import Watch
from tests.simulation.weather import CALM, weather
from tests.support.store import Item

MINUTE = timedelta(minutes=1)
NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
RECOVERY = timedelta(days=7)
"""Nothing goes wrong in the end: by then all that waits has come, and an endpoint that never answers is disabled."""

STANDSTILL = timedelta(minutes=20)
"""In the very end the clock does not tick, so that nothing begins, and what has begun ends."""
PARTS = 2
"""How many times a world is looked at as a whole while anything may go wrong."""


class World:
    """What there is at the beginning, and all that happens."""

    def __init__(self, decisions: Decisions, beginning: dict[Primary, Item]) -> None:
        chance = decisions.chance
        self.size, drawn = Size.drawn(chance), weather(chance)
        self.scheduler = scheduler = Scheduler(decisions, drawn)
        self.ids = Ids(chance.getrandbits(32), scheduler)
        self.table = Table(lambda: scheduler.now, self._seen)
        self.table.fill(beginning)
        self.records = Records(self.table)
        self.watch = Watch(scheduler)
        self.calls = Calls(scheduler, self.table, timedelta(days=self.size.days))
        self.network = Network(scheduler)
        self.stream = Stream(scheduler)
        self.bus = Bus(self.network)
        self.queues = Queues(scheduler)
        self.machines = Machines(scheduler)
        self.machines.bus = self.calls.client(self.bus)
        self.gateway = Gateway(scheduler)
        self.endpoints = Endpoints(scheduler, self.calls)
        self.history = hashlib.sha256()
        self._due: list[tuple[str, Primary]] = []
        self._ticked = scheduler.now
        self._ticking = False
        scheduler.done, scheduler.failed = self._note, self.watch.fail

    def live(self, check: Callable[["World"], object]) -> None:
        """Let everything happen, with a check every now and then; then let it come to rest."""
        self._plan()
        for _ in range(PARTS):
            self._run(self.scheduler.now + timedelta(days=self.size.days) / PARTS)
            check(self)
        self.scheduler.weather = CALM
        self._run(self.scheduler.now + RECOVERY)
        self._ticking = True
        self._run(self.scheduler.now + STANDSTILL)

    def now_text(self) -> str:
        """The time, as it is stored."""
        return iso(self.scheduler.now)

    def is_in_log(self, event: Item) -> bool:
        """Whether an event is old enough to be read, and still kept."""
        horizon = timedelta(seconds=LogSettings.load().log_horizon_seconds)
        return iso(self.scheduler.now - EVENTS_KEPT) < str(event["created_at"]) <= iso(self.scheduler.now - horizon)

    def fingerprint(self) -> str:
        """What is the same if everything that happened was."""
        self._remember(sorted(self.table.items.items()))
        return self.history.hexdigest()

    def figures(self) -> dict[str, Any]:
        """How much has happened."""
        orders = sum(len(self.records.of(partner, "order")) for partner in PARTNERS)
        scheduler = self.scheduler
        counts = {"orders": orders, "messages": scheduler.carried_out, "simulated": scheduler.now - START}
        return {"happened": scheduler.happened, "told": scheduler.told or [], **counts}

    def _plan(self) -> None:
        """Let partners do what was drawn for them."""
        for place, action in planned(self.scheduler.decisions, self.size):
            message = Message("action", partial(self._act, action), about=str(action))
            self.scheduler.send(message, action.after, key=place)

    def _act(self, action: Action) -> None:
        self.scheduler.tell(f"deed {action.what}", "---", action)
        surroundings = Surroundings(self.gateway, self.network, self.records, self.endpoints, self.scheduler)
        DEEDS[action.what][1](Partner(action.partner, Random(action.chance), surroundings))  # noqa: S311 - as above

    def _run(self, until: datetime) -> None:
        """Carry out what comes until then; the clock ticks whenever something is due, a minute apart."""
        scheduler = self.scheduler
        while (following := min(scheduler.first() or NEVER, tick := self._next_tick())) <= until:
            if tick == following:
                self._ticking = True
                scheduler.wait(max(tick - scheduler.now, timedelta(0)))
                message = Message("clock", self._tick, tries=1, about=f"clock of {iso(tick)}")
                scheduler.send(message, timedelta(0), key=f"clock {iso(tick)}")
            else:
                scheduler.go_on()
        scheduler.now = until

    def _tick(self) -> None:
        self._ticking, self._ticked = False, self.scheduler.now
        clock_function.handler({}, None)

    def _next_tick(self) -> datetime:
        """When the clock finds something, if it is not on its way already."""
        while self._due and self.table.items.get(self._due[0][1], {}).get("due_at", {}).get("S") != self._due[0][0]:
            heappop(self._due)
        if self._ticking or not self._due:
            return NEVER
        return max(datetime.fromisoformat(self._due[0][0]), self._ticked + MINUTE)

    def _seen(self, change: Change) -> None:
        """Keep up with a change of the table."""
        if change.new is not None and "due_at" in change.new:
            heappush(self._due, (change.new["due_at"]["S"], change.key))
        self.records.see(change)
        self.watch.see(change)
        self.stream.add(change)
        self._remember(change.at, change.key, (change.new or {}).get("version"))

    def _note(self, message: Message, outcome: str) -> None:
        self._remember(self.scheduler.now, message.place, outcome)

    def _remember(self, *what: Any) -> None:
        self.history.update(repr(what).encode())
