"""What stands for AWS under load: the stream, the state machine, and functions in other processes."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.orders.kind import StepRefused
from infra.local.functions import CHANGES, EXECUTION_TASK, Functions
from tests.load import surroundings, worker
from tests.load.remote import Failed, Remote
from tests.load.surroundings import Services, TableStream
from tests.load.worker import Asked, Item, Outcome

ORDER = {"partner": "acme", "order_id": "ord_1"}


class Trimmed(Exception):
    """DynamoDB Local's answer to an iterator from before the first record."""


class Shard:
    """The stream of DynamoDB Local: one shard, whose first iterator is worth nothing once there is a record."""

    exceptions = SimpleNamespace(TrimmedDataAccessException=Trimmed)

    def __init__(self) -> None:
        self.records: list[Item] = []

    def add(self, number: int) -> None:
        """Add the event with this number."""
        image = {"kind": {"S": "event"}, "type": {"S": "order.accepted"}}
        change: Item = {"Keys": {"pk": {"S": f"acme#{number}"}}, "NewImage": image, "SequenceNumber": str(number)}
        change |= {"ApproximateCreationDateTime": datetime.now(UTC)}
        self.records.append({"eventName": "INSERT", "dynamodb": change})

    def list_streams(self, **_: Any) -> Item:
        """Name the stream."""
        return {"Streams": [{"StreamArn": "arn"}]}

    def describe_stream(self, **_: Any) -> Item:
        """Name the shard."""
        return {"StreamDescription": {"Shards": [{"ShardId": "shard"}]}}

    def get_shard_iterator(self, *, ShardIteratorType: str, SequenceNumber: str = "0", **_: Any) -> Item:  # noqa: N803 - boto3's names
        """Give an iterator."""
        assert (ShardIteratorType == "TRIM_HORIZON") == (SequenceNumber == "0")
        return {"ShardIterator": SequenceNumber if self.records else "empty"}

    def get_records(self, *, ShardIterator: str) -> Item:  # noqa: N803 - boto3's name
        """Read at most two records."""
        if ShardIterator == "empty" and self.records:
            raise Trimmed
        start = 0 if ShardIterator == "empty" else int(ShardIterator)
        found = self.records[start : start + 2]
        return {"Records": found, "NextShardIterator": ShardIterator if not found else str(start + len(found))}


class Answering(Functions):
    """Functions that answer by their module, and are not called otherwise."""

    def __init__(self, answers: Mapping[str, Callable[[Any], Any]]) -> None:
        super().__init__()
        self._answers = answers

    def invoke(self, module: str, event: Any) -> Any:
        """Answer."""
        return self._answers[module](event)


def test_no_record_of_the_stream_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    shard = Shard()
    monkeypatch.setattr(surroundings, "boto3", SimpleNamespace(client=lambda *_, **__: shard))
    handed: list[str] = []

    def changes(event: Item) -> None:
        handed.extend(record["dynamodb"]["SequenceNumber"] for record in event["Records"])

    stream = TableStream("http://127.0.0.1:9", Answering({CHANGES: changes}))
    stream.work()
    for number in range(1, 6):
        shard.add(number)
        stream.work()
    while stream.quiet < 2:
        stream.work()
    assert stream.waiting == 5
    for lane in stream._stream.lanes:
        lane.work()
    assert sorted(handed) == ["1", "2", "3", "4", "5"]
    assert (stream.waiting, stream.orders()) == (0, (5, 0))


@pytest.fixture
def services() -> Iterator[Services]:
    """A state machine without functions."""
    services = Services()
    yield services
    services.stop()


def ended(services: Services) -> list[str]:
    """How the executions ended."""
    return [each.result(timeout=10) for each in services._started.values()]


def test_an_order_is_one_execution_whose_steps_are_tried_again(services: Services) -> None:
    tries: list[str] = []

    def step(event: Item) -> Item:
        tries.append(event["step"])
        if len(tries) < 3:
            raise Failed("busy")
        return {"status": "completed"}

    services.functions = Answering({EXECUTION_TASK: step})
    for _ in range(3):
        services.hear(Asked("execution", ORDER))
    assert ended(services) == ["completed"]
    assert tries == ["prepare"] * 3 + ["complete"]
    assert services.rest()


def test_an_order_whose_step_is_refused_is_undone(services: Services) -> None:
    seen: list[Item] = []

    def step(event: Item) -> Item:
        seen.append(event)
        if event["step"] == "prepare":
            raise StepRefused(json.dumps({"code": "no_sim_available", "detail": ""}))
        return {"status": "failed"}

    services.functions = Answering({EXECUTION_TASK: step})
    services.hear(Asked("execution", ORDER))
    assert ended(services) == ["failed"]
    assert [(event["step"], event.get("failed_step")) for event in seen] == [("prepare", None), ("undo", "prepare")]


def test_the_bus_knows_its_events(services: Services) -> None:
    services.hear(Asked("event", {"id": "evt_1"}))
    assert services.published == {"evt_1": 1}


def test_a_function_elsewhere_answers_fails_and_asks_as_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Asked] = []
    asked = Asked("event", {"id": "evt_1"})
    remote = Remote(1, heard.append)
    for pool in ("_doors", "_others"):
        monkeypatch.setattr(remote, pool, ThreadPoolExecutor(1))
    outcomes = {
        CHANGES: Outcome({"done": True}, None, [asked]),
        EXECUTION_TASK: Outcome(None, ("StepRefused", "{}"), [asked]),
        "functions.health": Outcome(None, ("KeyError", "'x'"), []),
    }
    monkeypatch.setattr(worker, "invoke", lambda module, _event: outcomes[module])
    assert remote.invoke(CHANGES, {}) == {"done": True}
    with pytest.raises(StepRefused, match=r"\{\}"):
        remote.invoke(EXECUTION_TASK, {})
    with pytest.raises(Failed, match="'x'"):
        remote.invoke("functions.health", {})
    assert heard == [asked, asked]
    remote.stop()


def test_an_error_comes_back_as_text() -> None:
    outcome = worker.invoke("functions.nowhere", {})
    assert outcome.error == ("UnknownFunction", "'functions.nowhere' is not the module of a function")
