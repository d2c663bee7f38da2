"""A table that a test makes busy."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from functions.shared import dynamodb, table
from tests.unit.busy_table import (
    NAME,
)


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
        monkeypatch.setattr(dynamodb, "table_name", lambda: NAME)
        return client

    return use
