"""A table that a test makes busy, and a real one; what is due; and what lies outside of the stream's function."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from functions.events import publishing, set_aside
from functions.orders import executions, progress
from functions.shared import clock, dynamodb, table, transaction
from functions.webhooks import fan_out, queue
from infra.local import pumps
from tests.support.builders import NOW
from tests.support.isolation import mocked
from tests.support.store import DEFINITION
from tests.unit.busy_table import NAME
from tests.unit.due_index import Index
from tests.unit.stream_records import Outside


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes any time."""
    made: list[float] = []
    for module in (dynamodb, table):
        monkeypatch.setattr(module, "time", SimpleNamespace(sleep=made.append))
    return made


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
    """Let the table be asked through this client."""

    def use(client: Any) -> Any:
        monkeypatch.setattr(dynamodb, "client", lambda: client)
        for module in (table, transaction, pumps):
            monkeypatch.setattr(module, "table_name", lambda: NAME)
        return client

    return use


@pytest.fixture
def kept(use: Callable[[Any], Any]) -> Iterator[Any]:
    """An empty table that keeps what it is told."""
    with mocked():
        client = boto3.client("dynamodb")
        client.create_table(TableName=NAME, **DEFINITION)
        yield use(client)
        client.delete_table(TableName=NAME)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """What lies outside of the stream's function, in its place."""
    outside = Outside()
    monkeypatch.setattr(publishing, "_bus", lambda: outside)
    monkeypatch.setattr(set_aside, "_queue", lambda: outside)
    monkeypatch.setattr(queue, "client", lambda: outside)
    monkeypatch.setattr(fan_out, "all_webhooks", outside.all_webhooks)
    monkeypatch.setattr(table, "put_new", lambda _record: None)
    monkeypatch.setattr(progress, "advance", outside.move)
    monkeypatch.setattr(executions, "start", outside.move)
    monkeypatch.setattr(clock, "machine_time", lambda: NOW)
    return outside


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    """What is due, which is nothing yet; it is ``NOW``."""
    index = Index()
    monkeypatch.setattr(table, "due", index.due)
    monkeypatch.setattr(table, "put_off", index.put_off)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return index
