"""moto's DynamoDB with its transactions fixed must keep DynamoDB's promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from infra.local.dynamodb import sound_transactions
from infra.local.environment import TABLE
from infra.local.system import System

THREADS = 16
ROUNDS = 10


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "test"}}


def put(name: str, condition: str | None = "attribute_not_exists(pk)", **attributes: dict[str, Any]) -> dict[str, Any]:
    conditions = {"ConditionExpression": condition} if condition else {}
    return {"Put": {"TableName": TABLE, "Item": key(name) | attributes, **conditions}}


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call()
    response: dict[str, Any] = dict(refused.value.response)
    return response


@pytest.fixture
def name() -> str:
    """A partition key that no other test uses."""
    return f"test#{uuid4()}"


@pytest.fixture
def latest(system: System) -> Callable[[], list[Any]]:
    """What the stream has shown since the test began."""
    system.quiesce()
    streams = system.aws.streams
    (stream,) = streams.list_streams(TableName=TABLE)["Streams"]
    shard = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"][0]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="LATEST"
    )["ShardIterator"]
    return lambda: list(streams.get_records(ShardIterator=iterator)["Records"])


def test_parallel_transactions_lose_nothing(system: System, name: str) -> None:
    dynamodb = system.aws.dynamodb
    dynamodb.put_item(TableName=TABLE, Item=key(name) | {"n": {"N": "0"}})

    def count_up(thread: int, turn: int) -> None:
        while True:
            read = dynamodb.get_item(TableName=TABLE, Key=key(name), ConsistentRead=True)["Item"]["n"]
            counter: Any = put(name, "n = :read", n={"N": str(int(read["N"]) + 1)})
            counter["Put"]["ExpressionAttributeValues"] = {":read": read}
            try:
                dynamodb.transact_write_items(TransactItems=[counter, put(f"{name}#{thread}#{turn}")])  # type: ignore[list-item] # a plain dict
            except dynamodb.exceptions.TransactionCanceledException:
                continue
            return

    with ThreadPoolExecutor(THREADS) as pool:
        turns = [pool.submit(count_up, thread, turn) for thread in range(THREADS) for turn in range(ROUNDS)]
    assert [turn.result() for turn in turns] == [None] * (THREADS * ROUNDS)
    stored = dynamodb.get_item(TableName=TABLE, Key=key(name))["Item"]["n"]["N"]
    assert stored == str(THREADS * ROUNDS)
    for thread in range(THREADS):
        for turn in range(ROUNDS):
            assert "Item" in dynamodb.get_item(TableName=TABLE, Key=key(f"{name}#{thread}#{turn}"))


def test_a_refused_transaction_leaves_no_trace(system: System, name: str, latest: Callable[[], list[Any]]) -> None:
    system.aws.dynamodb.put_item(TableName=TABLE, Item=key(f"{name}#there"))
    before = len(latest())
    items: Any = [put(name), put(f"{name}#there"), put(f"{name}#other")]
    error = refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=items))
    assert error["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in error["CancellationReasons"]] == ["None", "ConditionalCheckFailed", "None"]
    assert "Item" not in system.aws.dynamodb.get_item(TableName=TABLE, Key=key(name))
    assert len(latest()) == before


def test_an_invalid_write_takes_the_others_with_it(system: System, name: str, latest: Callable[[], list[Any]]) -> None:
    too_large = put(f"{name}#large", text={"S": "x" * 410_000})
    changed = put(name, None, n={"N": "2"})
    system.aws.dynamodb.put_item(TableName=TABLE, Item=key(name) | {"n": {"N": "1"}})
    before = len(latest())
    items: Any = [changed, put(f"{name}#new"), too_large]
    error = refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=items))
    assert [reason["Code"] for reason in error["CancellationReasons"]] == ["None", "None", "ValidationError"]
    assert system.aws.dynamodb.get_item(TableName=TABLE, Key=key(name))["Item"]["n"] == {"N": "1"}
    assert "Item" not in system.aws.dynamodb.get_item(TableName=TABLE, Key=key(f"{name}#new"))
    assert len(latest()) == before


def test_a_committed_transaction_is_streamed_item_by_item(
    system: System, name: str, latest: Callable[[], list[Any]]
) -> None:
    items: Any = [put(name), put(f"{name}#2")]
    system.aws.dynamodb.transact_write_items(TransactItems=items)
    delete: Any = {"Delete": {"TableName": TABLE, "Key": key(name), "ConditionExpression": "attribute_exists(pk)"}}
    system.aws.dynamodb.transact_write_items(TransactItems=[put(f"{name}#2", None, n={"N": "1"}), delete])  # type: ignore[list-item] # a plain dict
    streamed = [(record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"]) for record in latest()]
    assert streamed == [("INSERT", name), ("INSERT", f"{name}#2"), ("MODIFY", f"{name}#2"), ("REMOVE", name)]


def test_one_item_twice_is_refused(system: System, name: str) -> None:
    items: Any = [put(name), put(name, None)]
    error = refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=items))
    assert error["Error"]["Code"] == "ValidationException"


def test_more_than_a_hundred_items_are_refused(system: System, name: str) -> None:
    items: Any = [put(f"{name}#{place}") for place in range(101)]
    error = refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=items))
    assert error["Error"]["Code"] == "ValidationException"
    system.aws.dynamodb.transact_write_items(TransactItems=items[:100])


def test_a_token_is_carried_out_once(system: System, name: str) -> None:
    items: Any = [put(name)]
    token = str(uuid4())
    for _ in range(3):
        system.aws.dynamodb.transact_write_items(TransactItems=items, ClientRequestToken=token)
    other: Any = [put(f"{name}#other")]
    error = refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=other, ClientRequestToken=token))
    assert error["Error"]["Code"] == "IdempotentParameterMismatchException"


def test_a_refused_token_may_be_tried_again(system: System, name: str) -> None:
    items: Any = [put(name)]
    token = str(uuid4())
    system.aws.dynamodb.put_item(TableName=TABLE, Item=key(name))
    refusal(lambda: system.aws.dynamodb.transact_write_items(TransactItems=items, ClientRequestToken=token))
    system.aws.dynamodb.delete_item(TableName=TABLE, Key=key(name))
    system.aws.dynamodb.transact_write_items(TransactItems=items, ClientRequestToken=token)
    assert "Item" in system.aws.dynamodb.get_item(TableName=TABLE, Key=key(name))


def test_the_patches_can_be_applied_twice(system: System, name: str) -> None:
    """Tests that bring a table of their own run beside a system in one process."""
    system.aws.dynamodb.put_item(TableName=TABLE, Item=key(name) | {"gsi1pk": {"S": name}, "gsi1sk": {"S": "1"}})
    with sound_transactions(lambda _records: None):
        for index in ("", "gsi1"):
            listed = system.aws.dynamodb.query(
                TableName=TABLE,
                KeyConditionExpression=f"{index}pk = :pk",
                ExpressionAttributeValues={":pk": {"S": name}},
                **({"IndexName": index} if index else {}),  # type: ignore[arg-type] # a plain dict
            )
            assert [item["pk"]["S"] for item in listed["Items"]] == [name]
