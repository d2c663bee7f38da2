"""What waits to be carried out: the stream's records, steps, the network's answers and the queue of webhooks."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.events import changes
from functions.shared.records import whole
from functions.sim_profiles.sim_profile import SimProfile
from functions.webhooks import queue, send
from infra.local.stream import lane_of
from infra.state_machines import lifecycle
from tests.support.builders import PARTNER
from tests.support.executions import Execution
from tests.support.store import Item
from tests.support.timeline import Timeline

NETWORK_TIMEOUT = timedelta(minutes=15)
RETRY = lifecycle()["States"]["Prepare"]["Retry"][-1]
STEP_TRIES = RETRY["MaxAttempts"] + 1
ASYNCHRONOUS_TRIES = 3
ASYNCHRONOUS_PAUSE = timedelta(minutes=1)
"""How often Lambda tries what the bus hands over before it lies in the failures' queue, and its first pause."""
NOTHING_LEFT = {"provisioning.failed", "deprovisioning.succeeded"}
MANY = 200
"""How often what comes until it is taken is tried in a row, and how many messages may follow from one."""


def _nothing(*_: Any) -> None:
    pass


@dataclass
class Message:
    """Something that a function is to carry out; it comes again until its ``tries`` are used up."""

    name: str
    carry_out: Callable[[], Any]
    heard: Callable[[Any], object] = _nothing
    tries: int = MANY
    pause: timedelta = timedelta(seconds=RETRY["IntervalSeconds"] / 2)
    """Before the second try; each that follows is twice as long, up to two minutes."""
    gave_up: Callable[[Exception], object] = _nothing
    begun: Callable[[], object] = _nothing
    about: object = None
    """What nobody else does anything about while the message is on its way."""
    outlived: Callable[[], object] | None = None
    """What happens if nobody waits any more until it comes."""
    kinds: Collection[str] = ()
    """What kinds of messages come with it."""


@dataclass
class Inboxes:
    """All that waits, and all that is withheld by a fault."""

    line: Timeline
    withheld: list[tuple[datetime, Message]] = field(default_factory=list)
    queue: list[tuple[datetime, str]] = field(default_factory=list)
    """The queue of webhooks."""
    msisdn: str = ""
    """The number that the network gives."""
    _asked: dict[str, datetime] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)
    _undone: int = 0
    _nothing_left: set[str] = field(default_factory=set)
    """Orders of which the network has said that it has done nothing, or nothing any more."""

    @property
    def now(self) -> datetime:
        """The time."""
        return self.line.world.now

    def ahead(self) -> Iterator[Message]:
        """What can come now; the records of the stream all at once."""
        if records := self._records():
            yield self._stream(records)
        yield from self._others()

    def alternatives(self) -> list[Message]:
        """What could come in place of that: also the records of one lane of the stream."""
        records = self._records()
        lanes = [
            [record for record in records if lane_of(record) == lane] for lane in sorted(set(map(lane_of, records)))
        ]
        return [*map(self._stream, lanes), *self._others()]

    def moments(self) -> Iterator[datetime]:
        """When something comes that does not come now."""
        yield from (at for at, _ in self.withheld)
        yield from (entry[0] for entry in self.queue if entry not in self._busy())
        for execution in self.line.world.executions.in_state("provision"):
            yield self._asked.setdefault(execution.name, self.now) + NETWORK_TIMEOUT

    def released(self) -> list[Message]:
        """What was withheld until now."""
        come = [entry for entry in self.withheld if entry[0] <= self.now]
        self.withheld = [entry for entry in self.withheld if entry not in come]
        return [message for _, message in come]

    def time_out(self) -> None:
        """Let the network's time be up."""
        for execution in self.line.world.executions.in_state("provision"):
            if self._asked[execution.name] + NETWORK_TIMEOUT <= self.now:
                execution.failed("States.Timeout", "")

    def answer(self, what: str, about: Item, begun: Callable[[], object] = _nothing) -> Message:
        """What the network answers."""

        def take() -> None:
            if what in NOTHING_LEFT:
                self._learn_that_nothing_is_left(about["order_id"])
            self.line.world.network_says(what, {"partner": PARTNER, **about})

        return self.on_bus("answer", f"network.{what}", take, begun)

    def _learn_that_nothing_is_left(self, order_id: str) -> None:
        """Until then, the SIM of the order must not serve another one."""
        items = self.line.world.items
        sim = items.get((f"{PARTNER}#{self.line.world.order(order_id).get('sim_profile_id')}", SimProfile.KIND))
        if sim is not None and order_id not in self._nothing_left:
            assert whole(sim)["status"] != "in_stock", "a SIM came back that the network may still use"
        self._nothing_left.add(order_id)

    def on_bus(
        self, name: str, kind: str, carry_out: Callable[[], Any], begun: Callable[[], object] = _nothing
    ) -> Message:
        """What the bus hands over; what is given up on lies in the failures' queue until somebody redrives it."""
        message = Message(name, carry_out, tries=ASYNCHRONOUS_TRIES, pause=ASYNCHRONOUS_PAUSE, begun=begun)
        message.kinds = {kind}
        message.gave_up = lambda _: self.withheld.append((self.now + timedelta(hours=1), message))
        return message

    def _others(self) -> Iterator[Message]:
        executions = self.line.world.executions
        for execution in executions.in_state("prepare", "complete", "undo"):
            if execution not in self._busy():
                yield self._step(execution)
        for execution in executions.in_state("provision"):
            self._asked.setdefault(execution.name, self.now)
            if execution.name not in self._answered and self.line.network in {"accepts", "rejects"}:
                yield self._provisioned(execution)
        asked = self.line.world.deprovisionings[self._undone :]
        yield from (self._deprovisioned(each) for each in asked if self.line.network != "silent")
        yield from (self._queued(entry) for entry in self.queue if entry[0] <= self.now and entry not in self._busy())

    def _records(self) -> list[Item]:
        return [] if "stream" in self._busy() else self.line.world.undelivered

    def _busy(self) -> list[object]:
        return [message.about for _, message in self.withheld]

    def _stream(self, records: list[Item]) -> Message:
        batch = list(records)
        for record in batch:
            written = record.setdefault("written", self.now.timestamp())
            record["dynamodb"]["ApproximateCreationDateTime"] = written

        def hand_over() -> Any:
            return changes.handler({"Records": batch}, None)["batchItemFailures"]

        kinds = {f"stream {record['dynamodb']['NewImage']['kind']['S']}" for record in batch}
        heard = lambda failed: self._take(batch, failed)  # noqa: E731
        return Message("stream", hand_over, heard, about="stream", kinds=kinds)

    def _take(self, batch: list[Item], failed: list[Item]) -> None:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        taken = numbers[: numbers.index(failed[0]["itemIdentifier"])] if failed else numbers
        undelivered = self.line.world.undelivered
        undelivered[:] = [one for one in undelivered if one["dynamodb"]["SequenceNumber"] not in taken]
        if failed:
            self.line.world.now += timedelta(seconds=30)

    def _step(self, execution: Execution) -> Message:
        step, world = execution.state, self.line.world
        return Message(
            step,
            lambda: world.run_step(execution, step),
            lambda outcome: world.hear(execution, outcome),
            tries=STEP_TRIES,
            gave_up=lambda error: execution.failed(type(error).__name__, "{}"),
            about=execution,
            outlived=None if step == "undo" else lambda: execution.failed("States.Timeout", "{}"),
        )

    def _provisioned(self, execution: Execution) -> Message:
        says = "succeeded" if self.line.network == "accepts" else "failed"
        about = {"order_id": execution.order_id, "reply_token": execution.name, "reason": "no", "msisdn": self.msisdn}
        return self.answer(f"provisioning.{says}", about, lambda: self._answered.add(execution.name))

    def _deprovisioned(self, asked: Item) -> Message:
        def begin() -> None:
            self._undone += 1

        says = "failed" if self.line.network == "stuck" else "succeeded"
        return self.answer(f"deprovisioning.{says}", {"order_id": asked["order_id"]}, begin)

    def _queued(self, entry: tuple[datetime, str]) -> Message:
        body, kind = entry[1], queue.read(entry[1]).about.partition("_")[0]
        take = lambda _: self.queue.remove(entry)  # noqa: E731
        return Message("queue", lambda: send.carry_out(body), take, about=entry, kinds={f"queue {kind}"})
