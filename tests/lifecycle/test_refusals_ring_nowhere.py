"""What is part of the work rings nowhere, however often it happens."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.identity import authorizer
from functions.orders import execution_task
from functions.shared import dynamodb, metrics
from tests.support.builders import PARTNER
from tests.support.log import Log
from tests.support.signals import ringing
from tests.support.timeline import ESIMS, Timeline


def test_no_esim_in_stock(line: Timeline, log: Log) -> None:
    for _ in range(ESIMS + 6):
        line.place(line.activation())
    assert log.measured(metrics.ORDERS_FAILED, "no_sim_available") == [1] * 6
    assert ringing(log) == set()


def test_a_step_that_comes_too_late(line: Timeline, log: Log) -> None:
    order = line.place(line.activation())
    for _ in range(5):
        with pytest.raises(execution_task.Superseded):
            execution_task.handler({"step": "prepare", "partner": PARTNER, "order_id": order}, None)
    assert ringing(log) == set()


def test_a_strangers_bad_token(log: Log) -> None:
    for token in ("Bearer x", "Bearer a.b.c", "", "Basic x", "Bearer eyJhbGciOiJub25lIn0.e30."):
        with pytest.raises(authorizer.Unauthorized):
            authorizer.handler({"authorizationToken": token, "methodArn": "a/b"}, None)
    assert ringing(log) == set()


def test_a_table_that_is_busy_for_a_moment(line: Timeline, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "pauses", lambda attempts: [0.0] * attempts)
    real, refusals = line.world.store.transact_write_items, iter([True] * 3)

    def busy(**request: Any) -> Any:
        if next(refusals, False):
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "TransactWriteItems")
        return real(**request)

    monkeypatch.setattr(line.world.store, "transact_write_items", busy)
    order = line.place(line.activation())
    assert line.order(order).status == "completed"
    assert next(refusals, None) is None
    assert ringing(log) == set()
