"""What the code relies on in the table: the fakes of all other tests must answer as Amazon's DynamoDB Local does."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.shared import clock, dynamodb, table
from functions.shared.records import Partition
from infra.local.dynamodb import sound_transactions
from infra.local.environment import TABLE
from tests.simulation.table import Table
from tests.support.store import DEFINITION

NAME = f"{TABLE}-semantics"
MISSING = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
FREE = "attribute_not_exists(pk) OR expires_at <= :now"
AS_READ = "version = :read"

Item = dict[str, Any]
Do = Callable[[Any], Any]


def key(name: str) -> Item:
    return {"pk": {"S": name}, "sk": {"S": "test"}}


def put(name: str, condition: str, values: Item | None = None, **attributes: Item) -> Item:
    written: Item = {"TableName": NAME, "Item": key(name) | attributes, "ConditionExpression": condition}
    return {"Put": written | ({"ExpressionAttributeValues": values} if values else {})}


def delete(name: str, condition: str, values: Item | None = None) -> Item:
    removed: Item = {"TableName": NAME, "Key": key(name), "ConditionExpression": condition}
    return {"Delete": removed | ({"ExpressionAttributeValues": values} if values else {})}


def version(number: int) -> Item:
    return {"version": {"N": str(number)}}


def read(number: int) -> Item:
    return {":read": {"N": str(number)}}


def now(moment: str) -> Item:
    return {":now": {"S": moment}}


def transact(*items: Item, token: str | None = None) -> Do:
    return lambda client: client.transact_write_items(
        TransactItems=list(items), ClientRequestToken=token or str(uuid4())
    )


def outcome(client: Any, do: Do) -> list[str]:
    """``["done"]``, or why not."""
    try:
        do(client)
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        return [error.response["Error"]["Code"], *[reason["Code"] for reason in reasons]]
    return ["done"]


CANCELED = "TransactionCanceledException"
FAILED = "ConditionalCheckFailed"
DONE = ["done"]
STORED = put("there", MISSING, expires_at={"S": "2026-03-10"}, **version(3))

CASES: dict[str, tuple[list[Do], list[list[str]]]] = {
    "a new item": ([transact(put("new", MISSING))], [DONE]),
    "an item that is there": ([transact(put("new", MISSING), STORED)], [[CANCELED, "None", FAILED]]),
    "as it was read": ([transact(put("there", AS_READ, read(3), **version(4)))], [DONE]),
    "changed since it was read": ([transact(put("there", AS_READ, read(2)))], [[CANCELED, FAILED]]),
    "gone since it was read": ([transact(put("none", AS_READ, read(2)))], [[CANCELED, FAILED]]),
    "each its own reason": (
        [transact(put("a", THERE), put("b", MISSING), delete("there", AS_READ, read(9)))],
        [[CANCELED, FAILED, "None", FAILED]],
    ),
    "delete as read, then again": (
        [transact(delete("there", AS_READ, read(3)))] * 2,
        [DONE, [CANCELED, FAILED]],
    ),
    "delete what is not there": ([transact(delete("none", THERE))], [[CANCELED, FAILED]]),
    "a guard that has run out": ([transact(put("there", FREE, now("2026-03-10")))], [DONE]),
    "a guard that still holds": ([transact(put("there", FREE, now("2026-03-09")))], [[CANCELED, FAILED]]),
    "one item twice": ([transact(put("a", MISSING), delete("a", THERE))], [["ValidationException"]]),
    "100 items": ([transact(*(put(str(number), MISSING) for number in range(100)))], [DONE]),
    "101 items": ([transact(*(put(str(number), MISSING) for number in range(101)))], [["ValidationException"]]),
    "a token twice": ([transact(put("a", MISSING), token="a token that comes twice")] * 2, [DONE, DONE]),
    "a token for something else": (
        [transact(put(name, MISSING), token="a token for two things") for name in ("a", "b")],
        [DONE, ["IdempotentParameterMismatchException"]],
    ),
    "a token that was refused": (
        [
            transact(put("there", MISSING), token="a token that was refused"),
            transact(delete("there", THERE)),
            transact(put("there", MISSING), token="a token that was refused"),
        ],
        [[CANCELED, FAILED], DONE, DONE],
    ),
}


class Simulated(Table):
    """The table of ``tests/simulation``, which is neither made nor removed."""

    def __init__(self) -> None:
        super().__init__(clock.now)

    def create_table(self, **_: Any) -> None:
        """There is one table."""

    def delete_table(self, **_: Any) -> None:
        """It ends with the test."""

    def scan(self, **_: Any) -> Item:
        """All items."""
        return {"Items": list(self.items.values())}


@pytest.fixture(params=["moto", "simulated", "DynamoDB Local"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A table with one item, in each of them."""
    if request.param == "simulated":
        yield from _with_table(Simulated())
    elif request.param == "moto":
        with mock_aws(), sound_transactions(lambda _records: None):
            yield from _with_table(boto3.client("dynamodb"))
    else:
        yield from _with_table(request.getfixturevalue("admin"))


def _with_table(client: Any) -> Iterator[Any]:
    client.create_table(TableName=NAME, **DEFINITION)
    transact(STORED)(client)
    yield client
    client.delete_table(TableName=NAME)


@pytest.mark.parametrize("case", CASES)
def test_transactions(client: Any, case: str) -> None:
    steps, expected = CASES[case]
    assert [outcome(client, do) for do in steps] == expected


def test_a_refused_transaction_writes_nothing(client: Any) -> None:
    outcome(client, transact(put("a", MISSING), delete("there", THERE), put("b", THERE)))
    stored = client.scan(TableName=NAME)["Items"]
    assert [item["pk"]["S"] for item in stored] == ["there"]


def test_an_item_that_is_too_large_takes_the_others_with_it(client: Any) -> None:
    """Refused by DynamoDB Local before it looks at a condition, cancelled by moto: neither is tried again."""
    large = put("large", MISSING, text={"S": "x" * 410_000})
    assert outcome(client, transact(put("a", MISSING), large))[-1].startswith("Validation")
    assert [item["pk"]["S"] for item in client.scan(TableName=NAME)["Items"]] == ["there"]


def test_a_batched_read(client: Any) -> None:
    """Items in no order, those that are missing left out; no more than 100, none twice."""

    def batch(*names: str) -> Do:
        keys = [key(name) for name in names]
        return lambda client: client.batch_get_item(RequestItems={NAME: {"Keys": keys, "ConsistentRead": True}})

    transact(put("a", MISSING))(client)
    answer = batch("a", "none", "there")(client)
    assert {item["pk"]["S"] for item in answer["Responses"][NAME]} == {"a", "there"}
    assert answer["UnprocessedKeys"] == {}
    assert outcome(client, batch(*map(str, range(101)))) == ["ValidationException"]
    assert outcome(client, batch("a", "a")) == ["ValidationException"]


@pytest.mark.parametrize(("limit", "more"), [(1, True), (3, False)])
def test_a_page_of_a_list(client: Any, limit: int, more: bool) -> None:
    """When the limit is just reached only DynamoDB says that there may be more; so one entry more is asked for."""
    for number in range(2):
        listed: Item = {"gsi1pk": {"S": "list"}, "gsi1sk": {"S": str(number)}}
        transact(put(str(number), MISSING, **listed))(client)
    answer = client.query(
        TableName=NAME,
        IndexName="gsi1",
        KeyConditionExpression="gsi1pk = :list",
        ExpressionAttributeValues={":list": {"S": "list"}},
        ScanIndexForward=False,
        Limit=limit,
    )
    assert [item["gsi1sk"]["S"] for item in answer["Items"]] == ["1", "0"][:limit]
    assert ("LastEvaluatedKey" in answer) == more


@pytest.mark.parametrize("partition", [Partition("gsi1", "list"), Partition(None, "list")])
def test_walking_a_list(client: Any, monkeypatch: pytest.MonkeyPatch, partition: Partition) -> None:
    """By the moment, then by the id, in either direction, from any place on, whether or not an entry stands there."""
    monkeypatch.setattr(dynamodb, "client", lambda: client)
    monkeypatch.setattr(table, "table_name", lambda: NAME)
    first, second = (f"2026-03-10T12:00:00.{part}Z#prd_" for part in ("000", "001"))
    keys = [f"{first}1", f"{first}2", f"{first}20", f"{second}1"]
    for sort_key in keys:
        places = {
            f"{index}{part}": value for index in ("", "gsi1") for part, value in (("pk", "list"), ("sk", sort_key))
        }
        item = {name: {"S": value} for name, value in places.items()}
        transact({"Put": {"TableName": NAME, "Item": item, "ConditionExpression": MISSING}})(client)

    def walk(start: str | None = None, *, newest_first: bool = True, limit: int = 9) -> tuple[list[str], bool]:
        entries, more = table.keys_in(partition, start, newest_first=newest_first, limit=limit)
        return [entry[f"{partition.gsi or ''}sk"] for entry in entries], more

    assert walk() == (keys[::-1], False)
    assert walk(newest_first=False) == (keys, False)
    assert walk(keys[2]) == ([keys[1], keys[0]], False)
    assert walk(keys[2], limit=1) == ([keys[1]], True)
    assert walk(keys[1], newest_first=False) == (keys[2:], False)
    assert walk(f"{first}3") == (keys[2::-1], False)
    assert walk(f"{first}3", newest_first=False) == ([keys[3]], False)
    assert walk(keys[0]) == ([], False)
