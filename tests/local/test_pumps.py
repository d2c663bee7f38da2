"""What AWS does between the functions, with stand-ins for the functions."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count as counting
from itertools import islice
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from functions.network.interface import ORDERS
from infra.bus import NETWORK_ANSWERS, SIMULATED_NETWORK
from infra.local import stream
from infra.local.environment import NETWORK_BUS, TABLE
from infra.local.functions import CHANGES
from infra.local.stream import lane_of
from infra.local.system import System
from tests.local.calls import WAIT_SECONDS, Calls
from tests.support.store import DEFINITION


def names_in_lane(count: int, lane: int = 0) -> list[str]:
    """Keys of items that the stream hands over one after the other."""
    made: Iterator[str] = (f"test#{uuid4()}" for _ in counting())
    return list(islice((key for key in made if lane_of({"dynamodb": {"Keys": {"pk": {"S": key}}}}) == lane), count))


def write_events(system: System, count: int) -> list[str]:
    """Items of one lane that the stream's function receives; their keys in order."""
    keys = names_in_lane(count)
    put_events(system, keys)
    return keys


def put_events(system: System, keys: list[str], table: str = TABLE) -> None:
    items: Any = [
        {"Put": {"TableName": table, "Item": {"pk": {"S": key}, "sk": {"S": "test"}, "kind": {"S": "event"}}}}
        for key in keys
    ]
    system.aws.dynamodb.transact_write_items(TransactItems=items)


def keys_of(event: Any) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]


def put_on_bus(system: System, detail_type: str, detail: Any) -> None:
    entry: Any = {
        "EventBusName": NETWORK_BUS,
        "Source": ORDERS,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    assert system.aws.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_the_stream_hands_over_changes_in_order(system: System) -> None:
    system.quiesce()
    calls = Calls(lambda _event: {"batchItemFailures": []})
    with system.functions.replaced(CHANGES, calls.in_place_of):
        keys = write_events(system, 5)
        system.quiesce()
    assert [key for event in calls.given for key in keys_of(event)] == keys
    record = calls.given[0]["Records"][0]
    assert record["eventName"] == "INSERT"
    assert record["eventSource"] == "aws:dynamodb"
    assert record["dynamodb"]["NewImage"]["kind"] == {"S": "event"}
    assert isinstance(record["dynamodb"]["SequenceNumber"], str)
    assert abs(record["dynamodb"]["ApproximateCreationDateTime"] - time.time()) < 600


def test_the_stream_is_of_one_table(system: System) -> None:
    """Tests that bring a table of their own run beside a system, which must not act on what they write."""
    table = str(uuid4())
    system.aws.dynamodb.create_table(TableName=table, **DEFINITION)
    system.quiesce()
    calls = Calls(lambda _event: {"batchItemFailures": []})
    with system.functions.replaced(CHANGES, calls.in_place_of):
        put_events(system, [f"test#{uuid4()}"], table)
        keys = write_events(system, 1)
        system.quiesce()
    assert [key for event in calls.given for key in keys_of(event)] == keys


def test_the_stream_begins_again_at_the_record_that_failed(system: System) -> None:
    system.quiesce()
    taken: list[str] = []

    def answer(event: Any) -> Any:
        """Take two, refuse the rest; then take all."""
        first_time = not taken
        accepted = event["Records"][:2] if first_time else event["Records"]
        taken.extend(record["dynamodb"]["Keys"]["pk"]["S"] for record in accepted)
        failed = event["Records"][2:3] if first_time else []
        return {"batchItemFailures": [{"itemIdentifier": one["dynamodb"]["SequenceNumber"]} for one in failed]}

    with system.functions.replaced(CHANGES, Calls(answer).in_place_of):
        keys = write_events(system, 4)
        system.quiesce()
    assert taken == keys


def test_the_stream_hands_over_the_whole_batch_again_after_an_error(system: System) -> None:
    system.quiesce()

    def answer(_event: Any) -> Any:
        if len(calls.given) == 1:
            raise RuntimeError("injected")
        return {"batchItemFailures": []}

    calls = Calls(answer)
    with system.functions.replaced(CHANGES, calls.in_place_of):
        keys = write_events(system, 3)
        later = write_events(system, 1)
        system.quiesce()
    given = [keys_of(event) for event in calls.given]
    assert given[0] == given[1][: len(given[0])]
    assert [key for batch in given[1:] for key in batch] == keys + later


def test_a_lane_that_fails_holds_up_no_other(system: System) -> None:
    system.quiesce()
    bad, good = names_in_lane(1)[0], names_in_lane(1, lane=1)[0]
    started, released = Event(), Event()

    def answer(event: Any) -> Any:
        if good in keys_of(event):
            started.set()
        elif not released.is_set():
            raise RuntimeError("injected")
        return {"batchItemFailures": []}

    calls = Calls(answer)
    with system.functions.replaced(CHANGES, calls.in_place_of):
        put_events(system, [bad, good])
        assert started.wait(WAIT_SECONDS)
        released.set()
        system.quiesce()
    assert sum(bad in keys_of(event) for event in calls.given) >= 1


def test_the_stream_gives_up_on_what_is_too_old(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.quiesce()
    monkeypatch.setattr(stream, "MAX_RECORD_AGE", timedelta(seconds=-1))
    calls = Calls(lambda _event: {"batchItemFailures": []})
    with system.functions.replaced(CHANGES, calls.in_place_of):
        write_events(system, 1)
        system.quiesce()
    assert calls.given == []


def test_the_bus_calls_a_rules_function_with_the_event(system: System) -> None:
    calls = Calls(lambda _event: None)
    with system.functions.replaced(SIMULATED_NETWORK.module, calls.in_place_of):
        put_on_bus(system, "network.provisioning.requested", {"order_id": "ord_1"})
        put_on_bus(system, "something.else", {})
        system.quiesce()
    (event,) = calls.given
    assert event["detail"] == {"order_id": "ord_1"}
    assert (event["source"], event["detail-type"]) == (ORDERS, "network.provisioning.requested")
    assert {"version", "id", "account", "time", "region", "resources"} <= event.keys()


def test_the_bus_delivers_again_what_failed(system: System) -> None:
    def answer(_event: Any) -> None:
        if len(calls.given) < 3:
            raise RuntimeError("injected")

    calls = Calls(answer)
    with system.functions.replaced(SIMULATED_NETWORK.module, calls.in_place_of):
        put_on_bus(system, "network.provisioning.requested", {})
        system.quiesce()
    assert len(calls.given) == 3


def test_a_slow_function_holds_up_no_other_event(system: System) -> None:
    fast, released = Event(), Event()

    def answer(event: Any) -> None:
        if event["detail"]["slow"]:
            assert released.wait(WAIT_SECONDS)
        else:
            fast.set()

    with system.functions.replaced(SIMULATED_NETWORK.module, Calls(answer).in_place_of):
        put_on_bus(system, "network.provisioning.requested", {"slow": True})
        put_on_bus(system, "network.provisioning.requested", {"slow": False})
        assert fast.wait(WAIT_SECONDS)
        released.set()
        system.quiesce()


def test_a_function_that_is_not_deployed_is_an_error(system: System) -> None:
    answer = system.aws.lambda_.invoke(FunctionName="no-such-function", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "UnknownFunction"


def test_every_rule_has_a_queue(system: System) -> None:
    assert system.aws.queue_url(NETWORK_ANSWERS) != system.aws.queue_url(SIMULATED_NETWORK)
