"""Ids that are too long to be kept are not there, and DynamoDB is not asked: it would refuse."""

from types import SimpleNamespace
from typing import Any

import pytest

from functions.shared import dynamodb, table
from functions.shared.records import Key, Partition
from functions.subscribers.subscriber import Subscriber


@pytest.mark.parametrize("record_id", ["x" * 2049, "é" * 1025])
def test_too_long_to_be_a_key(monkeypatch: pytest.MonkeyPatch, record_id: str) -> None:
    monkeypatch.setattr(dynamodb, "client", lambda: pytest.fail("DynamoDB was asked"))
    assert table.read(Subscriber, "acme", record_id) is None
    assert table.get_item(Key("acme", record_id)) is None
    found = table.read_all("acme", {Subscriber: [record_id]}, [Key(record_id, "guard")])
    assert found.get(Subscriber, record_id) is None
    assert table.keys_in(Partition("gsi1", f"acme#{record_id}"), limit=10) == ([], False)


def test_the_longest_keys_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def get_item(**request: Any) -> dict[str, Any]:
        asked.append(request["Key"])
        return {}

    monkeypatch.setattr(table, "table_name", lambda: "orders")
    monkeypatch.setattr(dynamodb, "client", lambda: SimpleNamespace(get_item=get_item))
    assert table.get_item(Key("x" * 2048, "x" * 1024)) is None
    assert len(asked) == 1
    for too_long in (Key("x" * 2049, "x"), Key("x", "x" * 1025)):
        assert table.get_item(too_long) is None
    assert len(asked) == 1
