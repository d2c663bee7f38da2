"""Reads are of what is now, and what a batched read did not get is asked for again."""

from collections.abc import Callable
from inspect import unwrap
from typing import Any

import pytest

from functions.shared import dynamodb, table
from functions.shared.dynamodb import Throttled
from functions.shared.marshal import marshal
from functions.shared.records import Key, Partition
from functions.subscribers.subscriber import Subscriber
from tests.support.builders import PARTNER, subscriber
from tests.unit.busy_table import FAILED, NAME, Client, cancelled, refused

pytestmark = pytest.mark.usefixtures("pauses")
Item = dict[str, Any]
ROUNDS = 8
"""How often a batched read asks for what it did not get."""
GUARD = Key("acme#reference#1", "reference")


class TestOneItem:
    """It is read by its key, as it is now."""

    @pytest.mark.parametrize(("answer", "read"), [({"Item": marshal({"a": 1})}, {"a": 1}), ({}, None)])
    def test_as_it_is(self, use: Callable[[Client], Client], answer: Item, read: Item | None) -> None:
        client = use(Client(answer))
        assert table.get_item(GUARD) == read
        assert client.asked == [{"TableName": NAME, "Key": marshal(GUARD._asdict()), "ConsistentRead": True}]

    @pytest.mark.parametrize(("answer", "read"), [({"Item": marshal({"a": 1})}, {"a": 1}), ({}, None)])
    def test_as_it_is_while_no_change_is_at_work(
        self, use: Callable[[Client], Client], answer: Item, read: Item | None
    ) -> None:
        client = use(Client(cancelled("TransactionConflict"), {"Responses": [answer]}))
        assert table.get_committed_item(GUARD) == read
        get = {"Get": {"TableName": NAME, "Key": marshal(GUARD._asdict())}}
        assert client.asked == [{"TransactItems": [get]}] * 2

    def test_a_longer_key_than_the_table_takes_is_not_looked_for(self, use: Callable[[Client], Client]) -> None:
        """DynamoDB counts bytes, and answers with an error."""
        longest = Key("ä" * (table.MAX_PK_BYTES // 2), "ä" * (table.MAX_SK_BYTES // 2))
        for key in (longest._replace(pk=f"{longest.pk}x"), longest._replace(sk=f"{longest.sk}x")):
            use(Client())
            assert table.get_item(key) is None
            assert table.read_all(PARTNER, {}, [key]).item(key) is None
        assert table.keys_in(Partition(None, f"{longest.pk}x"), limit=10) == ([], False)
        client = use(Client({}, {"Responses": {}, "UnprocessedKeys": {}}, {"Items": []}))
        table.get_item(longest)
        table.read_all(PARTNER, {}, [longest])
        table.keys_in(Partition(None, longest.pk), limit=10)
        assert client.answers == []


class TestANewRecord:
    """Written by itself, it stays as it was written first."""

    def test_under_its_condition_again_while_the_table_is_busy(self, use: Callable[[Client], Client]) -> None:
        client = use(Client(refused("ThrottlingException"), {}))
        table.put_new(subscriber())
        item = marshal(subscriber().item() | {"version": 1})
        put = {"TableName": NAME, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        assert client.asked == [put, put]

    def test_one_that_exists_stays(self, use: Callable[[Client], Client]) -> None:
        client = use(Client(refused(f"{FAILED}Exception")))
        table.put_new(subscriber())
        assert client.answers == []


class TestManyItems:
    """They are read by one call, as they are now."""

    def test_a_batched_read_asks_again_for_what_it_did_not_get(
        self, use: Callable[[Client], Client], pauses: list[float]
    ) -> None:
        guard = Key("acme#reference#1", "reference")
        kept, entry = marshal(subscriber().item()), marshal(guard._asdict() | {"order_id": "ord_1"})
        left = {NAME: {"Keys": [marshal(guard._asdict())], "ConsistentRead": True}}
        client = use(
            Client(
                {"Responses": {NAME: [kept]}, "UnprocessedKeys": left},
                {"Responses": {}, "UnprocessedKeys": left},
                {"Responses": {NAME: [entry]}, "UnprocessedKeys": {}},
            )
        )
        found = table.read_all(PARTNER, {Subscriber: ["subr_1"]}, [guard])
        assert found.get(Subscriber, "subr_1") == subscriber()
        assert found.item(guard) == guard._asdict() | {"order_id": "ord_1"}
        first, *again = [asked["RequestItems"][NAME] for asked in client.asked]
        assert first["ConsistentRead"] is True
        assert sorted(key["pk"]["S"] for key in first["Keys"]) == ["acme#reference#1", "acme#subr_1"]
        assert again == [left[NAME]] * 2
        assert 0 <= pauses[0] <= 0.02
        assert 0 <= pauses[1] <= 0.04
        assert len(pauses) == 2

    def test_what_a_batched_read_never_gets_is_not_taken_for_missing(self, use: Callable[[Client], Client]) -> None:
        left = {NAME: {"Keys": [marshal(subscriber().key()._asdict())]}}
        use(Client(*[{"Responses": {NAME: []}, "UnprocessedKeys": left}] * ROUNDS))
        with pytest.raises(Throttled):
            table.read_all(PARTNER, {Subscriber: ["subr_1"]})


def test_a_call_lasts_nine_seconds_at_most() -> None:
    config: Any = unwrap(dynamodb.client)().meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert (config.connect_timeout + config.read_timeout) * 2 <= 9
