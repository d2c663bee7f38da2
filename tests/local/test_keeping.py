"""What was on its way when the sandbox was killed is delivered again by the next one (contract §9)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bus import SIMULATED_NETWORK
from infra.local import keeping
from infra.local.environment import TABLE
from infra.local.folder import Folder
from infra.local.functions import CHANGES
from infra.local.keeping import ITEM, MESSAGE, RECORD, Keeper
from infra.local.system import System
from tests.local.calls import Calls
from tests.local.test_pumps import put_on_bus


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    opened = Folder(tmp_path / "data")
    yield opened
    opened._state.close()


@pytest.fixture
def kept(system: System, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """The running system keeps what happens from now on in the folder."""
    system.quiesce()
    keeper = Keeper(folder)
    monkeypatch.setattr(system._traffic, "_keeper", keeper)
    return keeper


def write(system: System, key: str, kind: str, **more: Any) -> None:
    item: Any = {"pk": {"S": key}, "sk": {"S": "kept"}, "kind": {"S": kind}} | more
    system.aws.dynamodb.put_item(TableName=TABLE, Item=item)


def test_a_record_that_was_not_taken_is_handed_over_again(
    system: System, folder: Folder, kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    untaken: dict[str, Any] = {}

    def look(_event: Any) -> Any:
        folder._write()
        untaken.update(folder.all(RECORD))
        return {"batchItemFailures": []}

    calls, again = Calls(look), Calls(lambda _event: {"batchItemFailures": []})
    with system.functions.replaced(CHANGES, calls.in_place_of):
        for number in range(3):
            write(system, f"kept#{number}", "event", document={"B": b"\x00\xff"})
        write(system, "kept#other", "product")
        system.quiesce()
        folder._write()
        assert len(folder.all(ITEM)) == 4
        assert folder.all(RECORD) == {}
        folder.note(*((RECORD, number, record) for number, record in untaken.items()))
        folder._write()
    monkeypatch.setattr(keeping, "put_items", lambda _items: None)
    with system.functions.replaced(CHANGES, again.in_place_of):
        kept.bring_back(system.aws, system._traffic.hand_over)
        system.quiesce()
    before, after = given(calls), given(again)
    assert before.keys() == after.keys() == {f"kept#{number}" for number in range(3)}
    for key, record in after.items():
        assert record.pop("ApproximateCreationDateTime") > before[key].pop("ApproximateCreationDateTime")
    assert after == before
    folder._write()
    assert folder.all(RECORD) == {}


def given(calls: Calls) -> dict[str, Any]:
    """What the function was told of each item."""
    records = [record["dynamodb"] for event in calls.given for record in event["Records"]]
    return {record["Keys"]["pk"]["S"]: record for record in records}


def test_a_message_that_was_not_handled_is_sent_again(
    system: System, folder: Folder, kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhandled: dict[str, Any] = {}

    def look(_event: Any) -> None:
        folder._write()
        unhandled.update(folder.all(MESSAGE))

    calls = Calls(look)
    with system.functions.replaced(SIMULATED_NETWORK.module, calls.in_place_of):
        put_on_bus(system, "network.provisioning.requested", {"order_id": "ord_1"})
        system.quiesce()
        folder._write()
        assert len(unhandled) == 1
        assert folder.all(MESSAGE) == {}

        folder.note(*((MESSAGE, key, message) for key, message in unhandled.items()))
        folder._write()
        monkeypatch.setattr(keeping, "put_items", lambda _items: None)
        kept.bring_back(system.aws, system._traffic.hand_over)
        system.quiesce()
    assert len(calls.given) == 2
    assert calls.given[0] == calls.given[1]
    folder._write()
    assert folder.all(MESSAGE) == {}


def test_a_transaction_that_is_taken_back_is_not_kept(system: System, folder: Folder, kept: Keeper) -> None:
    """Its first write is valid, its second is found not to be when it is made."""
    put: Any = {"Put": {"TableName": TABLE, "Item": {"pk": {"S": "back#1"}, "sk": {"S": "kept"}}}}
    update: Any = {
        "Update": {
            "TableName": TABLE,
            "Key": {"pk": {"S": "back#2"}, "sk": {"S": "kept"}},
            "UpdateExpression": "SET total = missing + :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    with pytest.raises(system.aws.dynamodb.exceptions.TransactionCanceledException):
        system.aws.dynamodb.transact_write_items(TransactItems=[put, update])
    folder._write()
    assert folder.all(ITEM) == {}


def test_an_item_that_is_removed_is_gone(system: System, folder: Folder, kept: Keeper) -> None:
    write(system, "gone#1", "product")
    system.aws.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "gone#1"}, "sk": {"S": "kept"}})
    write(system, "stays#1", "product")
    folder._write()
    assert [item["pk"]["S"] for item in folder.all(ITEM).values()] == ["stays#1"]


def test_each_start_is_counted(folder: Folder) -> None:
    assert Keeper(folder).starts == 0
    folder._write()
    assert Keeper(folder).starts == 1
