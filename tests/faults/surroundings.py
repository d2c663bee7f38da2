"""A system in which a fault can strike: the real functions, with a table in memory and a time of their own."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from math import ceil
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from functions.events import answers, changes, publishing, set_aside, turns
from functions.events import clock as clock_function
from functions.orders import executions
from functions.shared import clock, dynamodb, lists, log, personal_answers, records, sealing, table
from functions.shared.operation import Operation
from functions.sim_profiles import stock
from functions.webhooks import fan_out, making, queue, replaying, schedule, sending, slots
from functions.webhooks.post import Outcome
from infra.local.patches import replaced
from infra.local.shortcuts import shortcuts
from tests.faults.kinds import POST
from tests.faults.life import STANDBY, Life
from tests.faults.messages import Inboxes
from tests.faults.tap import Tap
from tests.support.store import Item
from tests.support.timeline import Timeline, timeline

PAGE = 2
SHARDS = 2
Patch = tuple[Any, str, Callable[[Any], Any]]


class Bus:
    """The bus, which remembers what it took."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def put_events(self, *, Entries: Sequence[Item]) -> Item:  # noqa: N803 - boto3's name
        """Take events; what the network is asked to undo goes to it."""
        details = [json.loads(entry["Detail"]) for entry in Entries]
        self._life.tap.note(*(f"event {entry['DetailType']}" for entry in Entries))
        self._life.published |= {detail["id"] for detail in details if "id" in detail}
        answer: Item = self._life.line.world.put_events(Entries=Entries)
        return answer


class Queues:
    """The queue of webhooks, and the one of the stream's failures."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def send_message_batch(self, *, Entries: Sequence[Any], **_: Any) -> Item:  # noqa: N803 - boto3's name
        """Take messages for the sender."""
        now = self._life.now
        messages = [(now + timedelta(seconds=each["DelaySeconds"]), each["MessageBody"]) for each in Entries]
        self._life.inboxes.queue += messages
        return {"Successful": [{} for _ in Entries]}

    def send_message(self, *, MessageBody: str, **_: Any) -> None:  # noqa: N803 - boto3's name
        """Take a record that was given up on."""
        self._life.set_aside.append(json.loads(MessageBody))


@contextmanager
def surroundings() -> Iterator[Life]:
    """A new system."""
    with timeline() as line, shortcuts(), ExitStack() as patches:
        tap = Tap(line.world)
        life = Life(line, tap, Inboxes(line))
        patches.enter_context(patch.object(Operation, "_turn", OWN_TURN, create=True))
        line.world.store = tap.client(line.world.store)
        for owner, name, make in (*_services(life), *_time(line)):
            patches.enter_context(replaced(owner, name, make))
        yield life


OWN_TURN = property(lambda _: nullcontext(), lambda operation, lock: operation.__dict__.update(_turn=lock))
"""What overtakes a request runs in another process, and so does not wait for its lock."""


@contextmanager
def smaller() -> Iterator[None]:
    """What goes through the log does so in several pages; and as all shards are alike, there are two."""
    with ExitStack() as patches:
        for module in (making, replaying):
            patches.enter_context(replaced(module, "PAGE", lambda _: PAGE))
        for module in (records, personal_answers, clock_function):
            patches.enter_context(replaced(module, "DUE_SHARDS", lambda _: SHARDS))
        yield


def _services(life: Life) -> Iterator[Patch]:
    """AWS, and the endpoint of a webhook, reached through the tap."""
    services = ((executions, "_client", life.line.world.executions), (answers, "_client", life.line.world.executions))
    queues = Queues(life)
    for owner, name, service in (
        *services,
        (sealing, "_kms", life.line.world.keys),
        (publishing, "_bus", Bus(life)),
        (queue, "client", queues),
        (set_aside, "_queue", queues),
    ):
        yield owner, name, _giving(life.tap.client(service))

    yield sending, "post", lambda _: partial(_post, life)
    yield clock_function, "KINDS", lambda kinds: {kind: _noting(life, kind, handle) for kind, handle in kinds.items()}
    yield lists, "_secret", lambda _: lambda: b"secret"


def _post(life: Life, url: str, headers: Mapping[str, str], _body: bytes, **_: Any) -> Any:
    attempt = url, headers["webhook-id"]
    assert attempt not in life.sending, "two attempts at once"
    life.sending.add(attempt)
    try:
        return life.tap.call(POST, partial(_receive, life, *attempt), {})
    finally:
        life.sending.remove(attempt)


def _receive(life: Life, url: str, event_id: str) -> Outcome:
    if life.down and url != STANDBY:
        return Outcome(status_code=503, error="http_status", duration_ms=1)
    life.received.append(event_id)
    return Outcome(status_code=204, duration_ms=1)


def _noting(life: Life, kind: str, handle: Callable[..., None]) -> Callable[..., None]:
    def note_and_handle(*about: Any) -> None:
        life.tap.note(f"due {kind}")
        handle(*about)

    return note_and_handle


def _time(line: Timeline) -> Iterator[Patch]:
    """One time for everything, which passes only in pauses and where a fault lets it."""

    def sleep(seconds: float) -> None:
        line.world.now += timedelta(milliseconds=ceil(seconds * 1000))

    def monotonic() -> float:
        return line.world.now.timestamp()

    time = SimpleNamespace(monotonic=monotonic, sleep=sleep)
    for module in (table, dynamodb, changes, clock_function, turns, fan_out):
        yield module, "time", lambda _: time
    yield log, "time", lambda _: SimpleNamespace(monotonic=lambda: 0.0)  # so that counting is never given up
    yield clock, "machine_time", lambda _: lambda: line.world.now
    yield table, "PATIENCE_SECONDS", lambda _: 8.0
    yield dynamodb, "jittered", lambda _: lambda ceiling: ceiling
    chances = Random(1)  # noqa: S311 - the same each time
    yield stock, "choices", lambda _: lambda: chances
    for module in (schedule, slots):
        yield module, "SystemRandom", lambda _: lambda: chances


def _giving(value: Any) -> Callable[[Any], Callable[[], Any]]:
    return lambda _: lambda: value
