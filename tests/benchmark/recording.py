"""What a request does, seen once: its event, the calls of AWS with their answers, the lines of the log."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import get_ident
from typing import Any, NamedTuple

from functions.shared import dynamodb, lists
from functions.shared.observability import logger
from infra.local.messages import HttpRequest
from infra.local.patches import replaced
from tests.support.counted_calls import Calls
from tests.support.executions import Execution
from tests.support.timeline import Timeline
from tests.support.units_of_calls import READ, WriteUnits

Item = dict[str, Any]
BESIDE = (
    ("keys", "generate_data_key"),
    ("keys", "decrypt"),
    ("executions", "start_execution"),
    ("", "send_message_batch"),
    ("", "put_events"),
)
"""The calls of other services than DynamoDB, and which part of the world stands for each."""


class OwnLines(io.StringIO):
    """What the thread that made it writes."""

    def __init__(self) -> None:
        super().__init__()
        self._mine = get_ident()

    def write(self, text: str) -> int:
        """Keep a text, unless another thread writes it."""
        return super().write(text) if get_ident() == self._mine else len(text)


class Answered(NamedTuple):
    """A call of DynamoDB with what it was answered, as both went over the wire."""

    name: str
    body: Item
    answer: str


@dataclass
class Recording:
    """What has happened in this thread since it was begun; others may run a system with the same client and logger."""

    units: WriteUnits
    calls: list[Answered] = field(default_factory=list)
    others: Calls = field(default_factory=Calls)
    log: OwnLines = field(default_factory=OwnLines)
    records: int = 0
    """Of the table's stream, as far as its function acts on them."""
    transitions: int = 0
    _mine: int = field(default_factory=get_ident)

    @property
    def read_units(self) -> int:
        """The units of all reads."""
        return sum(READ[call.name](call.body) for call in self.calls if call.name in READ)

    @property
    def write_units(self) -> int:
        """The units of all writes, with those of the indexes; to be asked for once."""
        return sum(self.units.of(call.name, call.body) for call in self.calls)

    @property
    def log_bytes(self) -> int:
        """What the functions have logged."""
        return len(self.log.getvalue().encode())

    def begin(self, params: Item, model: Any, context: Item, **_: Any) -> None:
        """Botocore's hook, before a call."""
        context["asked"] = model.name, json.loads(params["body"])

    def end(self, response_dict: Item, context: Item, **_: Any) -> None:
        """Botocore's hook, after it."""
        if get_ident() == self._mine:
            name, body = context["asked"]
            self.calls.append(Answered(name, body, response_dict["body"].decode()))


@contextmanager
def recorded(line: Timeline) -> Iterator[Recording]:
    """Record what the functions do from now on; each record of the stream is a batch of its own."""
    recording = Recording(WriteUnits(line.world.items.values()))
    with ExitStack() as patches:
        client = line.world.store.wired
        patches.enter_context(replaced(lists, "_secret", lambda _: lambda: b"secret"))
        patches.enter_context(replaced(dynamodb, "client", lambda _: lambda: client))
        patches.enter_context(replaced(logger.registered_handler, "stream", lambda _: recording.log))
        patches.enter_context(replaced(line.world, "deliver", lambda deliver: _one_by_one(deliver, recording)))
        patches.enter_context(replaced(Execution, "passed", lambda passed: _counting(passed, recording)))
        for part, name in BESIDE:
            owner = getattr(line.world, part) if part else line.world
            patches.enter_context(replaced(owner, name, partial(recording.others.through, name)))
        for event, hook in (("before-call", recording.begin), ("response-received", recording.end)):
            client.meta.events.register(f"{event}.dynamodb", hook)
            patches.callback(client.meta.events.unregister, f"{event}.dynamodb", hook)
        patches.callback(logger.setLevel, logger.log_level)
        logger.setLevel("INFO")
        yield recording


def _one_by_one(deliver: Any, recording: Recording) -> Any:
    def one(start: int, _count: int) -> Any:
        taken = deliver(start, 1)
        recording.records += len(taken)
        return taken

    return one


def _counting(passed: Any, recording: Recording) -> Any:
    def counting(execution: Execution) -> None:
        recording.transitions += 1
        passed(execution)

    return counting


def event_of(line: Timeline, method: str, path: str, body: Item | None) -> tuple[str, Item, Item]:
    """Send a request with a key; return its function's module, what that was given, and what it answered."""
    seen: list[tuple[str, Item]] = []
    functions = line.world._functions

    def make(invoke: Any) -> Any:
        def noted(module: str, event: Item) -> Item:
            seen.append((module, event))
            return dict(invoke(module, event))

        return noted

    headers = (("Content-Type", "application/json"), ("Idempotency-Key", "0c1f7f1e-benchmark"))
    content = b"" if body is None else json.dumps(body).encode()
    with replaced(functions, "invoke", make):
        answer = line.world.send(HttpRequest(method, path, headers, content), "0b7a4f2e-benchmark")
    ((module, event),) = seen
    return module, event, answer
