"""What of the network's answer an execution gets."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from functions.events import answers
from tests.support.builders import PARTNER

NUMBER = "+491700000001"


@pytest.mark.parametrize(("msisdn", "output"), [(NUMBER, {"msisdn": NUMBER}), ("0170 1", {}), ("", {}), (None, {})])
def test_only_a_number_is_handed_on(monkeypatch: pytest.MonkeyPatch, msisdn: str | None, output: Any) -> None:
    given: list[Any] = []
    client = SimpleNamespace(send_task_success=lambda **success: given.append(success))
    monkeypatch.setattr(answers, "_client", lambda: client)
    detail = {"partner": PARTNER, "order_id": "ord_1", "reply_token": "token", "msisdn": msisdn}
    answers.handler({"detail-type": "network.provisioning.succeeded", "detail": detail}, None)
    assert given == [{"taskToken": "token", "output": json.dumps(output)}]
