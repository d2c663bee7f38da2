"""A table that a test makes busy, and a real one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from functions.shared import dynamodb, table, transaction
from infra.local import pumps
from tests.support.isolation import mocked
from tests.support.store import DEFINITION
from tests.unit.busy_table import NAME


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
