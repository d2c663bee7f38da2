"""What lists are asked of the table, and what is shown of the answer."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.shared import table
from functions.shared.clock import iso
from functions.shared.marshal import marshal
from functions.shared.records import Due, Partition
from tests.support.builders import NOW
from tests.unit.busy_table import NAME, Client

ORDERS = Partition(None, "acme#orders")
PRODUCTS = Partition("gsi1", "acme#products")
"""DynamoDB refuses a consistent read of an index."""
EARLY, START, LATE = "2026-01", "2026-02", "2026-03"
COUNTED: dict[str, Any] = {
    "TableName": NAME,
    "KeyConditionExpression": "#pk = :pk AND #sk BETWEEN :low AND :high",
    "ExpressionAttributeNames": {"#pk": "pk", "#sk": "sk"},
    "ExpressionAttributeValues": marshal({":pk": ORDERS.pk, ":low": EARLY, ":high": LATE}),
    "Select": "COUNT",
}
Walk = tuple[bool, str | None, table.Bounds]
"""Whether it is newest first, the sort key that it follows, and its bounds."""


class TestAList:
    """It is asked for from where the last page ended, within its bounds, and for one entry more than is shown."""

    @pytest.mark.parametrize(
        ("walk", "where", "limits"),
        [
            ((True, None, (None, None)), "", {}),
            ((False, None, (None, None)), "", {}),
            ((True, START, (None, None)), " AND #sk < :high", {":high": START}),
            ((False, START, (None, None)), " AND #sk >= :low", {":low": START}),
            ((True, None, (EARLY, None)), " AND #sk >= :low", {":low": EARLY}),
            ((True, None, (None, LATE)), " AND #sk < :high", {":high": LATE}),
            ((True, None, (EARLY, LATE)), " AND #sk BETWEEN :low AND :high", {":low": EARLY, ":high": LATE}),
            ((True, START, (EARLY, LATE)), " AND #sk BETWEEN :low AND :high", {":low": EARLY, ":high": START}),
            ((False, START, (EARLY, LATE)), " AND #sk BETWEEN :low AND :high", {":low": START, ":high": LATE}),
            ((True, LATE, (None, START)), " AND #sk < :high", {":high": START}),
            ((False, EARLY, (START, None)), " AND #sk >= :low", {":low": START}),
        ],
    )
    def test_where_it_begins_and_ends(
        self, use: Callable[[Client], Client], walk: Walk, where: str, limits: dict[str, str]
    ) -> None:
        newest_first, start, between = walk
        for partition in (ORDERS, PRODUCTS):
            client = use(Client({"Items": []}))
            table.keys_in(partition, start, newest_first=newest_first, limit=10, between=between)
            index = partition.gsi or ""
            names = {"#pk": f"{index}pk"} | ({"#sk": f"{index}sk"} if limits else {})
            which = {"IndexName": index} if index else {"ConsistentRead": True}
            expected = {
                "TableName": NAME,
                "KeyConditionExpression": f"#pk = :pk{where}",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": marshal({":pk": partition.pk} | limits),
                "ScanIndexForward": not newest_first,
                "Limit": 12 if start in limits.values() else 11,
            }
            assert client.asked == [expected | which]

    @pytest.mark.parametrize("between", [(LATE, EARLY), (LATE, LATE)])
    def test_nothing_is_asked_for_where_nothing_can_be(
        self, use: Callable[[Client], Client], between: table.Bounds
    ) -> None:
        client = use(Client())
        assert table.keys_in(ORDERS, limit=10, between=between) == ([], False)
        assert [*table.counted(ORDERS, between, ["*"])] == []
        assert client.asked == []

    @pytest.mark.parametrize(
        ("found", "last", "shown", "more"),
        [
            ("abc", False, "abc", False),
            ("abc", True, "abc", True),
            ("abcd", False, "abc", True),
            ("sabc", False, "abc", False),
            ("sa", True, "a", True),
            ("", False, "", False),
        ],
    )
    @pytest.mark.parametrize("partition", [ORDERS, PRODUCTS])
    def test_what_it_begins_behind_is_not_shown(
        self, use: Callable[[Client], Client], partition: Partition, found: str, last: bool, shown: str, more: bool
    ) -> None:
        """DynamoDB stops at what it has read at most, and says so."""
        sort = f"{partition.gsi or ''}sk"
        items = [marshal({sort: key}) for key in found]
        use(Client({"Items": items} | ({"LastEvaluatedKey": {}} if last else {})))
        entries = [{sort: key} for key in shown]
        assert table.keys_in(partition, "s", newest_first=False, limit=3) == (entries, more)

    def test_counting_sends_only_how_many_there_are(self, use: Callable[[Client], Client]) -> None:
        for types in (["*"], ["order.failed", "*"]):
            client = use(Client({"Count": 3}))
            assert [*table.counted(ORDERS, (EARLY, LATE), types)] == [3]
            assert client.asked == [COUNTED]

    def test_counting_is_of_types_and_of_groups_of_them(self, use: Callable[[Client], Client]) -> None:
        client = use(Client({"Count": 3}))
        assert [*table.counted(ORDERS, (EARLY, LATE), ["order.failed", "product.*"])] == [3]
        names = COUNTED["ExpressionAttributeNames"] | {"#type": "type"}
        values = COUNTED["ExpressionAttributeValues"] | marshal({":type0": "order.failed", ":type1": "product."})
        filtered = {
            "FilterExpression": "#type = :type0 OR begins_with(#type, :type1)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        assert client.asked == [COUNTED | filtered]

    def test_what_is_due_is_found_in_its_shard_by_the_page(self, use: Callable[[Client], Client]) -> None:
        keys = {"due_shard": "due#3", "due_at": iso(NOW)}
        items = [{"pk": "acme#subs_1", "sk": "subscription"}, {"pk": "acme#idempotency#1f", "sk": "idempotency"}]
        client = use(Client({"Items": [marshal(item | keys) for item in items]}))
        assert [*table.due(NOW, 3)] == [
            Due("acme", "subs_1", "subscription", iso(NOW)),
            Due("acme", "idempotency#1f", "idempotency", iso(NOW)),
        ]
        assert client.asked == [
            {
                "TableName": NAME,
                "IndexName": "due",
                "KeyConditionExpression": "due_shard = :shard AND due_at <= :now",
                "ExpressionAttributeValues": marshal({":shard": "due#3", ":now": iso(NOW)}),
                "PaginationConfig": {"PageSize": 1000},
            }
        ]
