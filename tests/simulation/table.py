"""A table in memory that answers as DynamoDB does: conditions, transactions, indexes, and a stream of its changes.

What ``tests/races/test_same_semantics.py`` says of Amazon's DynamoDB Local holds of it, too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tests.simulation.expressions import condition
from tests.support.store import DEFINITION

Item = dict[str, Any]
Primary = tuple[str, str]
Write = Callable[[Item], Item | None]
"""What an item becomes; ``None`` if it is removed."""
INDEXES: dict[str | None, tuple[str, str]] = {
    index["IndexName"]: (index["KeySchema"][0]["AttributeName"], index["KeySchema"][1]["AttributeName"])
    for index in DEFINITION["GlobalSecondaryIndexes"]
} | {None: ("pk", "sk")}
"""The attributes that an index is sorted by; those of the table itself under ``None``."""
MAX_AT_ONCE = 100
MAX_ITEM_BYTES = 400 * 1024
TOKEN_KEPT = timedelta(minutes=10)
REFUSED = "ConditionalCheckFailed"


class Change(NamedTuple):
    """A write that has taken effect."""

    at: datetime
    key: Primary
    old: Item | None
    new: Item | None


class Table:
    """Items by their keys, and every change of them. ``now`` tells the time, ``seen`` is told of each change."""

    def __init__(self, now: Callable[[], datetime], seen: Callable[[Change], object] = lambda _: None) -> None:
        self._now = now
        self._seen = seen
        self.items: dict[Primary, Item] = {}
        self.changes: list[Change] = []
        self._lists: dict[tuple[str | None, str], dict[Primary, Item]] = defaultdict(dict)
        self._tokens: dict[str, tuple[datetime, list[Item]]] = {}

    def fill(self, items: Mapping[Primary, Item]) -> None:
        """Put items into an empty table, without a word."""
        for key, item in items.items():
            self._place(key, None, item)

    def get_item(self, *, Key: Item, **_: Any) -> Item:  # noqa: N803 - boto3's names, as below
        """One item."""
        return _answer(self.items.get(_primary(Key)))

    def transact_get_items(self, *, TransactItems: Sequence[Item]) -> Item:  # noqa: N803
        """Items that no transaction is at work on; here none ever is."""
        return {"Responses": [_answer(self.items.get(_primary(each["Get"]["Key"]))) for each in TransactItems]}

    def batch_get_item(self, *, RequestItems: Item) -> Item:  # noqa: N803
        """Many items, in no order that means anything."""
        ((table, asked),) = RequestItems.items()
        keys = [_primary(key) for key in asked["Keys"]]
        if len(keys) > MAX_AT_ONCE or len(set(keys)) < len(keys):
            raise _error("ValidationException", "BatchGetItem")
        return {"Responses": {table: [self.items[key] for key in keys if key in self.items]}, "UnprocessedKeys": {}}

    def put_item(self, **asked: Any) -> None:
        """Write one item under a condition."""
        self._write_one({"Put": asked}, "PutItem")

    def update_item(self, **asked: Any) -> None:
        """Set one attribute under a condition."""
        self._write_one({"Update": asked}, "UpdateItem")

    def transact_write_items(self, *, TransactItems: list[Item], ClientRequestToken: str = "") -> None:  # noqa: N803
        """All writes or, if a condition does not hold, none; once under a token."""
        done_at, done = self._tokens.get(ClientRequestToken, (self._now(), TransactItems))
        if done != TransactItems:
            raise _error("IdempotentParameterMismatchException", "TransactWriteItems")
        if ClientRequestToken not in self._tokens or done_at + TOKEN_KEPT < self._now():
            self._transact(TransactItems)
            if ClientRequestToken:
                self._tokens[ClientRequestToken] = self._now(), TransactItems

    def query(self, *, IndexName: str | None = None, **asked: Any) -> Item:  # noqa: N803
        """A page of a list."""
        first = asked["KeyConditionExpression"].partition(" = ")[2].split()[0]
        listed = self._lists.get((IndexName, asked["ExpressionAttributeValues"][first]["S"]), {})
        return _page(listed.values(), IndexName, asked)

    def query_before(self, moment: datetime, *, IndexName: str | None = None, **asked: Any) -> Item:  # noqa: N803
        """A page of a list, as an index shows it that has not seen what was written since the moment."""
        items: dict[Primary, Item | None] = {**self.items}
        for change in reversed(self.changes):
            if change.at <= moment:
                break
            items[change.key] = change.old
        return _page(filter(None, items.values()), IndexName, asked)

    def _write_one(self, write: Item, operation: str) -> None:
        if self._refusal(write):
            raise _error(f"{REFUSED}Exception", operation)
        self._carry_out([write])

    def _transact(self, writes: Sequence[Item]) -> None:
        keys = [_key_of(write) for write in writes]
        if len(keys) > MAX_AT_ONCE or len(set(keys)) < len(keys) or any(map(_is_too_large, writes)):
            raise _error("ValidationException", "TransactWriteItems")
        reasons = [self._refusal(write) for write in writes]
        if any(reasons):
            raise _error("TransactionCanceledException", "TransactWriteItems", reasons)
        self._carry_out(writes)

    def _refusal(self, write: Item) -> str | None:
        (asked,) = write.values()
        holds = condition(asked["ConditionExpression"], asked.get("ExpressionAttributeNames"))
        item = self.items.get(_key_of(write), {})
        return None if holds(item, asked.get("ExpressionAttributeValues", {})) else REFUSED

    def _carry_out(self, writes: Iterable[Item]) -> None:
        """Write what may be written; nobody reads in between."""
        for write in writes:
            key = _key_of(write)
            old, new = self.items.get(key), _written(write, self.items.get(key))
            if new != old:
                self._place(key, old, new)
                self.changes.append(Change(self._now(), key, old, new))
                self._seen(self.changes[-1])

    def _place(self, key: Primary, old: Item | None, new: Item | None) -> None:
        for place in _places(old or {}):
            del self._lists[place][key]
        for place in _places(new or {}):
            self._lists[place][key] = new or {}
        if new is None:
            del self.items[key]
        else:
            self.items[key] = new


def _written(write: Item, present: Item | None) -> Item | None:
    ((kind, asked),) = write.items()
    if kind == "Put":
        return dict(asked["Item"])
    if kind == "Delete":
        return None
    name, _, value = asked["UpdateExpression"].removeprefix("SET ").partition(" = ")
    return (present or dict(asked["Key"])) | {name: asked["ExpressionAttributeValues"][value]}


def _page(items: Iterable[Item], index: str | None, asked: Item) -> Item:
    """What of the items is on the page that is asked for."""
    pk, sk = INDEXES[index]
    holds = condition(asked["KeyConditionExpression"], asked.get("ExpressionAttributeNames"))
    values, limit = asked["ExpressionAttributeValues"], asked.get("Limit")
    found = [item for item in items if holds(item, values)]
    found.sort(key=lambda item: (item[sk]["S"], _primary(item)), reverse=asked.get("ScanIndexForward") is False)
    page = found[:limit]
    more = {"LastEvaluatedKey": _primary(page[-1])} if page and len(page) == limit else {}
    if "FilterExpression" in asked:
        wanted = condition(asked["FilterExpression"], asked.get("ExpressionAttributeNames"))
        page = [item for item in page if wanted(item, values)]
    shown = page if index is None else [{name: item[name] for name in ("pk", "sk", pk, sk)} for item in page]
    return {"Items": shown, "Count": len(page)} | more


def _places(item: Item) -> Iterable[tuple[str | None, str]]:
    """The lists that an item is in."""
    return [(index, item[pk]["S"]) for index, (pk, sk) in INDEXES.items() if pk in item and sk in item]


def _primary(item: Item) -> Primary:
    return item["pk"]["S"], item["sk"]["S"]


def _key_of(write: Item) -> Primary:
    (asked,) = write.values()
    return _primary(asked.get("Item") or asked["Key"])


def _is_too_large(write: Item) -> bool:
    (asked,) = write.values()
    sizes = (len(value) for each in asked.get("Item", {}).values() for value in each.values() if value)
    return sum(sizes) > MAX_ITEM_BYTES


def _answer(item: Item | None) -> Item:
    return {"Item": item} if item else {}


def _error(code: str, operation: str, reasons: Sequence[str | None] = ()) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": reason or "None"} for reason in reasons]
    return ClientError(answer, operation)
