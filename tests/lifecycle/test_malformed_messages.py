"""What cannot be understood of the network is refused, said, and set aside; it is not tried for ever."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from functions.events import answers, reports
from functions.network.messages import Malformed
from functions.shared.observability import logger
from infra.bus import FUNCTION_RETRIES, NETWORK_ANSWERS, NETWORK_REPORTS, Rule
from infra.local.environment import NETWORK_BUS
from infra.local.system import System

WAIT_SECONDS = 10.0
Item = dict[str, Any]
SECRET = "Erika Mustermann"
USAGE: Item = {"subscription_id": "subs_1", "allowance_type": "data", "amount": 1, "country": "DE"}
USAGE |= {"id": "report 1", "partner": "acme", "occurred_at": "2026-03-10T12:00:00Z"}
ANSWER: Item = {"partner": "acme", "order_id": "ord_1", "reply_token": "token"}
NAN = float("nan")


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    """What is logged beside the line."""
    lines: list[Item] = []
    monkeypatch.setattr(logger, "warning", lambda _line, extra: lines.append(extra))
    return lines


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"partner": None}, "$.partner"),
        ({"partner": 7}, "$.partner"),
        ({"id": None}, "$.id"),
        ({"id": ""}, "$.id"),
        ({"id": "x" * 101}, "$.id"),
        ({"id": "\ud800"}, "$.id"),
        ({"id": ["x"]}, "$.id"),
        ({"subscription_id": None}, "$.subscription_id"),
        ({"subscription_id": "x" * 101}, "$.subscription_id"),
        ({"subscription_id": {"id": SECRET}}, "$.subscription_id"),
        ({"country": SECRET}, "$.country"),
        ({"country": None}, "$.country"),
        ({"allowance_type": SECRET}, "$.allowance_type"),
        ({"amount": NAN}, "$.amount"),
        ({"amount": float("inf")}, "$.amount"),
        ({"amount": "1"}, "$.amount"),
        ({"amount": 0}, "$.amount"),
        ({"amount": 10**40}, "$.amount"),
        ({"amount": True}, "$.amount"),
        ({"occurred_at": "9999-12-31T23:59:59-05:00"}, "$.occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+01:00"}, "$.occurred_at"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "$.occurred_at"),
        ({"occurred_at": "2026-03-10T12:00:00"}, "$.occurred_at"),
        ({"occurred_at": SECRET}, "$.occurred_at"),
        ({"occurred_at": 10**30}, "$.occurred_at"),
        ({"occurred_at": NAN}, "$.occurred_at"),
    ],
)
def test_a_report(warned: list[Item], fields: Item, place: str) -> None:
    """The places of its faults are said, and nothing that it says."""
    detail = {name: value for name, value in (USAGE | {"name": SECRET} | fields).items() if value is not None}
    with pytest.raises(Malformed) as refused:
        reports.handler({"detail-type": "network.usage", "detail": detail}, None)
    (line,) = warned
    assert [fault.partition(": ")[0] for fault in line["faults"]] == [place]
    assert place in str(refused.value)
    assert SECRET not in str(refused.value) + json.dumps(line)
    assert refused.value.__cause__ is None


def test_a_report_with_several_faults(warned: list[Item]) -> None:
    with pytest.raises(Malformed):
        reports.handler({"detail-type": "network.terminated", "detail": {"occurred_at": "?"}}, None)
    places = [fault.partition(": ")[0] for fault in warned[0]["faults"]]
    assert sorted(places) == ["$.id", "$.occurred_at", "$.partner", "$.subscription_id"]


@pytest.mark.parametrize("detail", [None, [], "x", 7])
@pytest.mark.parametrize(
    ("handler", "kind"), [(reports.handler, "network.usage"), (answers.handler, "network.deprovisioning.failed")]
)
def test_no_object_at_all(warned: list[Item], handler: Any, kind: str, detail: Any) -> None:
    with pytest.raises(Malformed):
        handler({"detail-type": kind, "detail": detail}, None)
    assert warned


@pytest.mark.parametrize("kind", NETWORK_ANSWERS.detail_types)
@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"partner": None}, "$.partner"),
        ({"order_id": None}, "$.order_id"),
        ({"order_id": 7}, "$.order_id"),
        ({"order_id": "x" * 101}, "$.order_id"),
        ({"reply_token": None}, "$.reply_token"),
        ({"reply_token": ""}, "$.reply_token"),
        ({"reply_token": "x" * 2049}, "$.reply_token"),
        ({"reply_token": [SECRET]}, "$.reply_token"),
    ],
)
def test_an_answer(warned: list[Item], kind: str, fields: Item, place: str) -> None:
    if place == "$.reply_token" and ".deprovisioning." in kind:
        return  # those bring none
    detail = {name: value for name, value in (ANSWER | fields).items() if value is not None}
    with pytest.raises(Malformed):
        answers.handler({"detail-type": kind, "detail": detail}, None)
    assert [fault.partition(": ")[0] for fault in warned[0]["faults"]] == [place]
    assert SECRET not in json.dumps(warned)


@pytest.mark.parametrize("reason", [None, "", 7, {"code": 7}, "\ud800", "x" * 10_000])
def test_a_missing_reason_is_not_a_fault(monkeypatch: pytest.MonkeyPatch, reason: Any) -> None:
    """The network has refused, whatever it says about that."""
    logged: list[Item] = []

    class Client:
        def send_task_failure(self, **fields: Any) -> None:
            logged.append(fields)

    monkeypatch.setattr(answers, "_client", Client)
    answers.handler({"detail-type": "network.provisioning.failed", "detail": ANSWER | {"reason": reason}}, None)
    (fields,) = logged
    assert len(fields["cause"].encode()) <= 3 * answers.MAX_CAUSE_LENGTH


def test_on_the_bus_it_is_tried_as_often_as_lambda_would_and_set_aside(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came with it and after it is not held up."""
    tries: list[Any] = []
    monkeypatch.setattr(logger, "warning", lambda _line, extra: tries.append(extra))
    marks = [str(uuid4()) for _ in range(2)]
    for rule, kind, detail in (
        (NETWORK_REPORTS, "usage", USAGE | {"occurred_at": "9999-12-31T23:59:59-05:00", "mark": marks[0]}),
        (NETWORK_ANSWERS, "provisioning.succeeded", {"partner": "acme", "order_id": "ord_1", "mark": marks[1]}),
    ):
        entry: Any = {"EventBusName": NETWORK_BUS, "Source": rule.source, "DetailType": f"network.{kind}"}
        system.aws.events.put_events(Entries=[entry | {"Detail": json.dumps(detail)}])
    for rule, mark in zip((NETWORK_REPORTS, NETWORK_ANSWERS), marks, strict=True):
        failure = _set_aside(system, rule, mark)
        assert failure["requestContext"]["approximateInvokeCount"] == FUNCTION_RETRIES + 1 == 3
        assert failure["responsePayload"]["errorType"] == "Malformed"
    system.quiesce()
    assert len(tries) == 2 * (FUNCTION_RETRIES + 1)


def _set_aside(system: System, rule: Rule, mark: str) -> Item:
    """What lies in the failures' queue of the event with this mark."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = system.aws.sqs.receive_message(QueueUrl=system.aws.failures_url(rule), MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            failure: Item = json.loads(message["Body"])
            if failure["requestPayload"]["detail"].get("mark") == mark:
                return failure
        time.sleep(0.05)
    raise TimeoutError("the event was not set aside")
