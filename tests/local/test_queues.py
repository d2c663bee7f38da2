"""Events on which a function fails come again as often and, in proportion, as late as Lambda sends them again."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from infra.bus import NETWORK_REPORTS
from infra.local import activity, retries
from infra.local.queues import QueuePump


@pytest.mark.parametrize(
    ("failures", "waited", "lost"), [(0, [], 0), (1, [60], 0), (2, [60, 120], 0), (3, [60, 120], 1)]
)
def test_the_pauses_are_lambdas(monkeypatch: pytest.MonkeyPatch, failures: int, waited: list[int], lost: int) -> None:
    outcomes = iter([RuntimeError("down")] * failures)
    set_aside: list[Any] = []
    aws: Any = SimpleNamespace(
        failures_url=lambda _rule: "",
        delete_message=lambda *_: None,
        sqs=SimpleNamespace(send_message=lambda **message: set_aside.append(message)),
    )

    def invoke(*_: Any) -> None:
        if (error := next(outcomes, None)) is not None:
            raise error

    monkeypatch.setattr(activity, "log_message", lambda _event: None)
    pump = QueuePump(aws, SimpleNamespace(invoke=invoke), NETWORK_REPORTS)  # type: ignore[arg-type] # all that it asks
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return True

    monkeypatch.setattr(pump, "_pause", pause)
    message: Any = SimpleNamespace(body=json.dumps({"detail": {}}))
    pump._handle(message)
    assert pauses == [seconds * retries.RETRY_PACE for seconds in waited]
    assert len(set_aside) == lost
