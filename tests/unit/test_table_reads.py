"""Reads are of what is now, and what a batched read did not get is asked for again."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.shared import dynamodb, table
from functions.shared.dynamodb import Throttled
from functions.shared.marshal import marshal
from functions.shared.records import Key, Partition
from functions.subscribers.subscriber import Subscriber
from tests.support.builders import NOW, PARTNER, subscriber
from tests.unit.busy_table import (
    NAME,
    Client,
)

pytestmark = pytest.mark.usefixtures("pauses")
Item = dict[str, Any]
ROUNDS = 8
"""How often a batched read asks for what it did not get."""


class TestReads:
    """Decisions are made on what the table says now; only lists that lie in an index may lag."""

    @pytest.mark.parametrize(
        "read",
        [
            lambda: table.read(Subscriber, PARTNER, "subr_1"),
            lambda: table.get_item(Key("acme#reference#1", "reference")),
            lambda: table.keys_in(Partition(None, "acme#orders"), limit=10),
            lambda: table.keys_in(Partition(None, "acme#orders"), "2026", newest_first=False, limit=10),
        ],
    )
    def test_of_the_table_itself(self, use: Callable[[Client], Client], read: Callable[[], Any]) -> None:
        client = use(Client({"Items": []}))
        read()
        (asked,) = client.asked
        assert asked["ConsistentRead"] is True
        assert "IndexName" not in asked

    @pytest.mark.parametrize(
        ("index", "read"),
        [
            ("gsi1", lambda: table.keys_in(Partition("gsi1", "acme#products"), limit=10)),
            ("gsi3", lambda: table.keys_in(Partition("gsi3", "acme#ord_1#products"), "2026", limit=10)),
            ("due", lambda: list(table.due(NOW, 0))),
        ],
    )
    def test_of_an_index(self, use: Callable[[Client], Client], index: str, read: Callable[[], Any]) -> None:
        """DynamoDB refuses a consistent read of an index."""
        client = use(Client({"Items": []}))
        read()
        (asked,) = client.asked
        assert asked["IndexName"] == index
        assert not asked.get("ConsistentRead")

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
        assert len(first["Keys"]) == 2
        assert [asked["Keys"] for asked in again] == [left[NAME]["Keys"]] * 2
        assert all(asked["ConsistentRead"] is True for asked in (first, *again))
        assert len(pauses) == 2

    def test_what_a_batched_read_never_gets_is_not_taken_for_missing(self, use: Callable[[Client], Client]) -> None:
        left = {NAME: {"Keys": [marshal(subscriber().key()._asdict())]}}
        use(Client(*[{"Responses": {NAME: []}, "UnprocessedKeys": left}] * ROUNDS))
        with pytest.raises(Throttled):
            table.read_all(PARTNER, {Subscriber: ["subr_1"]})


@pytest.mark.parametrize(("start", "asked"), [(None, 11), ("key", 12)])
def test_a_list_asks_for_one_more_than_it_shows(use: Callable[[Client], Client], start: str | None, asked: int) -> None:
    """What it begins behind may come along."""
    client = use(Client({"Items": []}))
    assert table.keys_in(Partition(None, "acme#orders"), start, limit=10) == ([], False)
    assert client.asked[0]["Limit"] == asked


def test_what_is_only_counted_is_not_sent(use: Callable[[Client], Client]) -> None:
    client = use(Client({"Count": 3}))
    assert [*table.counted(Partition(None, "acme#events#0"), (None, None), ["*"])] == [3]
    assert client.asked[0]["Select"] == "COUNT"
    assert "FilterExpression" not in client.asked[0], "every type passes"


def test_a_call_lasts_nine_seconds_at_most() -> None:
    config: Any = dynamodb.client().meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] <= 9
