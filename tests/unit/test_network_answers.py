"""What of the network's answer an execution gets."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.events import answers
from functions.shared import table
from functions.shared.metrics import NETWORK_ANSWERS
from tests.support.builders import PARTNER
from tests.support.executions import refused
from tests.support.log import Log, recorded

NUMBER = "+491700000001"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Step Functions is given."""
    given: list[Any] = []
    client = SimpleNamespace(
        send_task_success=lambda **success: given.append(success),
        send_task_failure=lambda **failure: given.append(failure),
    )
    monkeypatch.setattr(answers, "_client", lambda: client)
    return given


def answer(kind: str, **more: Any) -> Log:
    """The network answers; what is logged of it."""
    detail = {"partner": PARTNER, "order_id": "ord_1", "reply_token": "token", **more}
    with recorded(here=True) as log:
        answers.handler({"detail-type": f"network.provisioning.{kind}", "detail": detail}, None)
    return log


@pytest.mark.parametrize(("msisdn", "output"), [(NUMBER, {"msisdn": NUMBER}), ("0170 1", {}), ("", {}), (None, {})])
def test_only_a_number_is_handed_on(given: list[Any], msisdn: str | None, output: Any) -> None:
    answer("succeeded", msisdn=msisdn)
    assert given == [{"taskToken": "token", "output": json.dumps(output)}]


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("no coverage", "no coverage"), (7, "7"), (None, ""), ("\ud800", "?"), ("x" * 1001, "x" * 1000)],
)
def test_a_refusal_is_handed_on_with_its_reason(given: list[Any], reason: Any, cause: str) -> None:
    """As text that Step Functions takes, of any length and kind."""
    answer("failed", reason=reason)
    assert given == [{"taskToken": "token", "error": "NetworkRejected", "cause": cause}]


@pytest.mark.parametrize("kind", ["succeeded", "failed"])
def test_answers_are_counted_by_what_they_say(given: list[Any], kind: str) -> None:
    assert answer(kind).measured(NETWORK_ANSWERS, f"provisioning.{kind}") == [len(given)] == [1]


@pytest.mark.parametrize("kind", ["succeeded", "failed"])
def test_an_answer_that_cannot_be_handed_on_now_comes_again(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Nothing is done as if nobody waited for it."""

    def throttled(**_: str) -> None:
        raise refused("ThrottlingException", "SendTaskSuccess")

    client = SimpleNamespace(send_task_success=throttled, send_task_failure=throttled)
    monkeypatch.setattr(answers, "_client", lambda: client)
    read: list[Any] = []
    monkeypatch.setattr(table, "read", lambda *what: read.append(what))
    with pytest.raises(ClientError, match="ThrottlingException"):
        answer(kind)
    assert read == []
