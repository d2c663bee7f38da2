"""The stream's function: what it takes, what comes again, and what it sets aside."""

import base64
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from functions.events import changes, publishing
from functions.network.interface import DEPROVISIONING_REQUESTED
from functions.network.requests import NetworkRequest
from functions.orders import executions
from functions.shared.dynamodb import Throttled
from functions.shared.event import Event
from tests.support.builders import NOW
from tests.unit.stream_records import Outside, edit, event, failed, hand_over, order, record, spoilt

BATCH = 100


OUTAGES = [
    Throttled(),
    failed("ThrottlingException"),
    failed("ProvisionedThroughputExceededException"),
    failed("ExecutionLimitExceeded"),
    failed("AccessDeniedException"),
    failed("StateMachineDoesNotExist"),
    failed("Whatever", status=503),
    ReadTimeoutError(endpoint_url="https://x"),
    ConnectionClosedError(endpoint_url="https://x"),
    EndpointConnectionError(endpoint_url="https://x"),
    TimeoutError(),
]
MALFORMED = [
    failed("ValidationException"),
    failed("InvalidExecutionInput"),
    ParamValidationError(report="no"),
]


def test_one_unreadable_record_among_a_thousand_holds_nothing_up(outside: Outside) -> None:
    """The other 999 are published in their usual time, each once and in order."""
    names = [f"evt_{number}" for number in range(1000)]
    records = [spoilt(name) if name == "evt_537" else event(name) for name in names]
    batches = [records[start : start + BATCH] for start in range(0, len(records), BATCH)]
    assert [hand_over(*batch) for batch in batches] == [None] * 10
    assert outside.published == [name for name in names if name != "evt_537"]
    assert len(outside.calls) == 101
    (message,) = outside.set_aside
    assert message["keys"] == Event.key_of("acme", "evt_537")._asdict()
    assert message["reason"].startswith("Unreadable: ValidationError")
    assert message["Records"] == [records[537]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda change: change.pop("NewImage"),
        lambda change: (change.pop("NewImage"), change.pop("Keys")),
        lambda change: change["NewImage"].pop("kind"),
        lambda change: change["NewImage"].pop("document"),
        lambda change: change["NewImage"].update(document={"S": "{"}),
        lambda change: change["NewImage"].update(document={"B": base64.b64encode(b"not compressed").decode()}),
        lambda change: change["NewImage"].update(document={"?": "?"}),
        lambda change: edit(change, partner=None),
        lambda change: edit(change, created_at=None),
        lambda change: edit(change, data="no object"),
        lambda change: edit(change, type="subscription.canceled"),
    ],
)
def test_what_is_unreadable_is_set_aside_at_once(outside: Outside, spoil: Callable[[Any], Any]) -> None:
    bad = event("evt_bad")
    spoil(bad["dynamodb"])
    assert hand_over(event("evt_1"), bad, event("evt_2"), order("ord_1")) is None
    assert (outside.published, outside.moved) == (["evt_1", "evt_2"], ["ord_1"])
    assert len(outside.set_aside) == 1


def test_records_are_carried_out_in_their_order(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(outside, "published", done)
    monkeypatch.setattr(outside, "moved", done)
    records = [event("evt_1"), order("ord_1"), event("evt_2"), event("evt_3"), order("ord_2", "fulfilling")]
    assert hand_over(*records) is None
    assert done == ["evt_1", "ord_1", "evt_2", "evt_3", "ord_2"]
    assert outside.calls == [["evt_1"], ["evt_2", "evt_3"]]


def test_what_the_network_is_asked_goes_on_the_bus_alone(outside: Outside) -> None:
    asked = NetworkRequest(
        id="nrq_1", partner="acme", created_at=NOW, type=DEPROVISIONING_REQUESTED, data={"id": "asked"}, ttl=1
    )
    assert hand_over(event("evt_1"), record(asked.item())) is None
    assert (outside.calls, outside.made, outside.queued) == ([["evt_1", "asked"]], [], [])
    assert (outside.moved, outside.set_aside) == ([], [])


@pytest.mark.parametrize("outage", OUTAGES, ids=repr)
@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=19)])
def test_an_outage_is_waited_for(outside: Outside, outage: Exception, age: timedelta) -> None:
    """However long it lasts; nothing behind it is carried out before, and nothing before it a second time."""
    batch = [event("evt_1"), order("ord_1"), order("ord_2", age=age), event("evt_2"), order("ord_3")]
    outside.failures["ord_2"] = outage
    assert hand_over(*batch) == "ord_2"
    assert (outside.published, outside.moved, outside.set_aside) == (["evt_1"], ["ord_1"], [])
    assert hand_over(*batch[2:]) == "ord_2"
    del outside.failures["ord_2"]
    assert hand_over(*batch[2:]) is None
    assert (outside.published, outside.moved) == (["evt_1", "evt_2"], ["ord_1", "ord_2", "ord_3"])


@pytest.mark.parametrize("outage", OUTAGES, ids=repr)
def test_an_outage_of_the_bus_is_waited_for(outside: Outside, outage: Exception) -> None:
    outside.failures["evt_2"] = outage
    batch = [event(f"evt_{number}", timedelta(hours=1)) for number in range(1, 31)]
    assert hand_over(*batch, order("ord_1")) == "evt_1"
    assert (len(outside.calls), outside.moved, outside.set_aside) == (1, [], [])


@pytest.mark.parametrize("reason", MALFORMED, ids=repr)
def test_what_is_refused_for_good_is_set_aside_at_once(outside: Outside, reason: Exception) -> None:
    outside.failures["ord_1"] = reason
    assert hand_over(order("ord_1"), order("ord_2")) is None
    assert (outside.moved, len(outside.set_aside)) == (["ord_2"], 1)


@pytest.mark.parametrize("reason", [RuntimeError("a bug"), failed("Unheard")], ids=repr)
def test_what_fails_for_ten_minutes_is_set_aside(outside: Outside, reason: Exception) -> None:
    outside.failures["ord_1"] = reason
    assert hand_over(order("ord_1", age=timedelta(minutes=10)), order("ord_2")) == "ord_1"
    assert (outside.moved, outside.set_aside) == ([], [])
    assert hand_over(order("ord_1", age=timedelta(minutes=10, seconds=1)), order("ord_2")) is None
    assert outside.moved == ["ord_2"]
    (message,) = outside.set_aside
    assert message["reason"] == f"{type(reason).__name__}: {reason}"


def test_of_two_failures_the_first_is_named(outside: Outside) -> None:
    """What the bus took of the same request comes again; nothing behind that request was sent."""
    outside.refused = {"evt_3": "ThrottlingException", "evt_7": "InternalFailure"}
    batch = [event(f"evt_{number}") for number in range(30)]
    assert hand_over(*batch, order("ord_1")) == "evt_3"
    assert (len(outside.calls), outside.moved) == (1, [])
    outside.refused = {}
    assert hand_over(*batch[3:], order("ord_1")) is None
    assert set(outside.published) == {f"evt_{number}" for number in range(30)}


def test_a_failure_before_an_event_keeps_it_from_the_bus(outside: Outside) -> None:
    outside.failures["ord_1"] = Throttled()
    assert hand_over(order("ord_1"), event("evt_1"), spoilt()) == "ord_1"
    assert (outside.calls, outside.set_aside) == ([], [])


def test_an_event_that_the_bus_can_never_take_is_set_aside(outside: Outside) -> None:
    outside.refused = {"evt_2": "MalformedDetail", "evt_4": "ThrottlingException", "evt_5": "MalformedDetail"}
    assert hand_over(*(event(f"evt_{number}") for number in range(6))) == "evt_4"
    (message,) = outside.set_aside
    assert message["keys"]["sk"] == "evt_2"
    said = "An error occurred (MalformedDetail) when calling the PutEvents operation: why not"
    assert message["reason"] == f"ClientError: {said}"


def test_an_answer_that_leaves_out_an_event_is_not_believed(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them come again, rather than that one is lost."""
    monkeypatch.setattr(outside, "put_events", lambda **_: {"Entries": [{"EventId": "1"}]})
    with pytest.raises(ValueError, match="shorter"):
        hand_over(event("evt_1"), event("evt_2"))


def test_an_event_that_spoils_its_whole_request_is_found(outside: Outside) -> None:
    outside.failures["evt_2"] = failed("ValidationException", operation="PutEvents")
    names = [f"evt_{number}" for number in range(2 * publishing.MAX_ENTRIES)]
    assert hand_over(*map(event, names)) is None
    assert outside.published == [name for name in names if name != "evt_2"]
    assert [message["keys"]["sk"] for message in outside.set_aside] == ["evt_2"]


def test_a_batch_that_takes_too_long_is_handed_back_in_time(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 1.0, 2.0, changes.MAX_SECONDS])
    monkeypatch.setattr(changes, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    assert hand_over(event("evt_1"), event("evt_2"), event("evt_3"), order("ord_1")) == "evt_3"
    assert (outside.published, outside.moved, outside.set_aside) == (["evt_1", "evt_2"], [], [])


def test_an_execution_that_there_is_already_is_not_asked_about(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would use the answer, and asking could fail."""

    class StepFunctions:
        def start_execution(self, **_: str) -> None:
            raise failed("ExecutionAlreadyExists")

    monkeypatch.undo()
    monkeypatch.setattr(executions, "_client", StepFunctions)
    assert hand_over(order("ord_1", "fulfilling")) is None
