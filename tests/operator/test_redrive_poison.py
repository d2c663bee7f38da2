"""A change of the table that always fails is told and kept once, and holds up nothing, however often one tries."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.events.set_aside import SetAsideSettings
from functions.shared import table
from functions.shared.marshal import marshal
from infra.local.functions import CHANGES, Handler
from infra.local.system import System
from infra.operator.given_up import BUCKET
from tests.operator.command_lines import Capture
from tests.operator.failures import FailuresOf, an_event, redrive


@pytest.fixture(scope="module")
def failures(system: System) -> Iterator[FailuresOf]:
    with pytest.MonkeyPatch.context() as patch:
        yield FailuresOf(system, "poison", patch)


def change(number: int, image: dict[str, Any]) -> dict[str, Any]:
    keys = {"pk": {"S": f"acme#poison-{number}"}, "sk": {"S": "event"}}
    said = {"Keys": keys, "NewImage": image, "SequenceNumber": str(number), "ApproximateCreationDateTime": 0}
    return {"eventName": "INSERT", "dynamodb": said}


POISON = change(2, {"n": {"N": "1"}})
MESSAGE = {"reason": "KeyError: 'kind'", "keys": {"pk": "acme#poison-2", "sk": "event"}, "Records": [POISON]}


class Seen:
    """The sequence numbers of the changes that the function is given by the command, one list for each call."""

    def __init__(self, at_once: int = 100) -> None:
        self.calls: list[list[str]] = []
        self.at_once = at_once
        """For how many of them its time is enough."""

    def __call__(self, handler: Handler) -> Handler:
        def handle(event: Any, context: Any) -> Any:
            records = event["Records"]
            if "poison" not in records[0]["dynamodb"]["Keys"]["pk"]["S"]:
                return handler(event, context)
            self.calls.append([record["dynamodb"]["SequenceNumber"] for record in records])
            answer = handler({"Records": records[: self.at_once]}, context)
            rest = [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in records[self.at_once :]]
            return {"batchItemFailures": answer["batchItemFailures"] or rest[:1]}

        return handle


def a_good_one(number: int) -> dict[str, Any]:
    event = an_event()
    table.put_new(event)
    return change(number, marshal(event.item()))


def test_it_stays_in_its_queue_however_often_it_is_handled(failures: FailuresOf, capsys: Capture) -> None:
    name = failures.put("stream", MESSAGE)
    failures.put("stream", {**MESSAGE, "Records": [a_good_one(1)]})
    for handled in ("1 handled, 1 left", "1 left", "1 left"):
        assert redrive("stream") == 1
        told, counts = (line for line in capsys.readouterr().out.splitlines() if not line.startswith("{"))
        assert told == f"stream: {name} (acme#poison-2, KeyError: 'kind') was left: Unreadable: KeyError: 'kind'"
        assert counts == f"stream: {handled}"
        assert len(failures.left("stream")) == 1
    assert redrive("stream", "--discard", name) == 0
    assert failures.left("stream") == []


def test_in_a_batch_it_is_set_aside_and_the_others_are_handled(
    system: System, failures: FailuresOf, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """An object is a batch of up to a hundred changes, which share nothing but their time."""
    kept = SetAsideSettings(stream_failures_url=failures.urls["stream"])
    monkeypatch.setattr(SetAsideSettings, "load", lambda: kept)
    failures.put(BUCKET, {"Records": [a_good_one(1), POISON, a_good_one(3)]})
    seen = Seen()
    with system.functions.replaced(CHANGES, seen):
        assert redrive() == 1
    assert seen.calls == [["1", "2", "3"], ["2"]], "the batch, and then what was set aside of it"
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]
    assert (lines[0], lines[2]) == (f"{BUCKET}: 1 handled", "stream: 1 left")
    assert (failures.left(BUCKET), len(failures.left("stream"))) == ([], 1)
    assert redrive() == 1
    assert len(failures.left("stream")) == 1
    (name,) = [line.split()[1] for line in capsys.readouterr().out.splitlines() if "was left" in line]
    assert redrive("--discard", name) == 0


def test_a_batch_goes_on_where_the_functions_time_was_up(system: System, failures: FailuresOf) -> None:
    failures.put(BUCKET, {"Records": [a_good_one(number) for number in range(1, 6)]})
    seen = Seen(at_once=2)
    with system.functions.replaced(CHANGES, seen):
        assert redrive(BUCKET) == 0
    assert seen.calls == [["1", "2", "3", "4", "5"], ["3", "4", "5"], ["5"]]
    assert failures.left(BUCKET) == []


def test_a_batch_that_gets_no_further_stays(system: System, failures: FailuresOf) -> None:
    failures.put(BUCKET, {"Records": [a_good_one(1), a_good_one(2)]})
    seen = Seen(at_once=0)
    with system.functions.replaced(CHANGES, seen):
        assert redrive(BUCKET) == 1
    assert seen.calls == [["1", "2"]]
    (key,) = failures.left(BUCKET)
    assert redrive(BUCKET, "--discard", key) == 0
