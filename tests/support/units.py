"""Counts what the functions take of the table, key by key: a partition of DynamoDB can only take so much a second."""

from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, NamedTuple

from functions.shared.marshal import unmarshal
from functions.shared.sizes import stored_size
from tests.support.store import Item

WRITE_BYTES, READ_BYTES = 1024, 4096
IN_TRANSACTION = 2
"""How many times as much a write or a read takes in a transaction."""
TABLE = "table"
INDEXES = {"due": "due_shard", **{name: f"{name}pk" for name in ("gsi1", "gsi2", "gsi3")}}
SORTED = {"due": "due_at", **{name: f"{name}sk" for name in ("gsi1", "gsi2", "gsi3")}}


class Place(NamedTuple):
    """A partition key, in the table or in an index."""

    where: str
    key: str


class Units:
    """What was taken so far: units by place, items that queries and reads looked at, and transactions."""

    def __init__(self) -> None:
        self.written: Counter[Place] = Counter()
        self.read: Counter[Place] = Counter()
        self.examined = 0
        self.transactions: list[int] = []
        """How many items each of them wrote."""
        self.calls: list[str] = []

    def write(self, before: Item, after: Item, factor: int) -> None:
        """Count a write of one item: what is larger counts, and each entry of an index that appears or disappears."""
        size = max(stored_size(unmarshal(before)), stored_size(unmarshal(after)))
        key = (after or before)["pk"]["S"]
        self.written[Place(TABLE, key)] += factor * max(1, ceil(size / WRITE_BYTES))
        for index, name in INDEXES.items():
            old, new = ((each.get(name), each.get(SORTED[index])) for each in (before, after))
            if old != new:
                self.written.update(Place(index, each[0]["S"]) for each in (old, new) if each[0])

    def look(self, place: Place, items: list[Item], factor: float) -> None:
        """Count what a read looked at: of a query, all together."""
        self.examined += len(items)
        size = sum(stored_size(unmarshal(item)) for item in items)
        self.read[place] += factor * max(1, ceil(size / READ_BYTES))  # type: ignore[assignment] # half a unit, too


class Counting:
    """A store that counts what is taken of it."""

    def __init__(self, store: Any) -> None:
        self.units = Units()
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get_item(self, **asked: Any) -> Item:
        """Read one item."""
        self.units.calls.append("get_item")
        answer: Item = self._store.get_item(**asked)
        self._look(asked["Key"], answer.get("Item"), 1)
        return answer

    def transact_get_items(self, **asked: Any) -> Item:
        """Read items in a transaction."""
        self.units.calls.append("transact_get_items")
        answer: Item = self._store.transact_get_items(**asked)
        for each, found in zip(asked["TransactItems"], answer["Responses"], strict=True):
            self._look(each["Get"]["Key"], found.get("Item"), IN_TRANSACTION)
        return answer

    def batch_get_item(self, **asked: Any) -> Item:
        """Read many items."""
        self.units.calls.append("batch_get_item")
        answer: Item = self._store.batch_get_item(**asked)
        for name, wanted in asked["RequestItems"].items():
            found = {(item["pk"]["S"], item["sk"]["S"]): item for item in answer["Responses"][name]}
            for key in wanted["Keys"]:
                self._look(key, found.get((key["pk"]["S"], key["sk"]["S"])), 1)
        return answer

    def query(self, **asked: Any) -> Item:
        """Read a part of a partition."""
        self.units.calls.append("query")
        answer: Item = self._store.query(**asked)
        self._looked(asked, answer)
        return answer

    def get_paginator(self, name: str) -> "Pages":
        """Read a partition page by page."""
        return Pages(self._store.get_paginator(name), self._page)

    def put_item(self, **asked: Any) -> Item:
        """Write one item."""
        self.units.calls.append("put_item")
        return self._write(asked["TableName"], asked["Item"], lambda: self._store.put_item(**asked))

    def update_item(self, **asked: Any) -> Item:
        """Change one item."""
        self.units.calls.append("update_item")
        return self._write(asked["TableName"], asked["Key"], lambda: self._store.update_item(**asked))

    def transact_write_items(self, **asked: Any) -> None:
        """Write items in a transaction; one that is refused is not counted."""
        self.units.calls.append("transact_write_items")
        keys = [_written(write) for write in asked["TransactItems"]]
        before = [self._stored(table, key) for table, key in keys]
        self._store.transact_write_items(**asked)
        self.units.transactions.append(len(keys))
        for (table, key), old in zip(keys, before, strict=True):
            self.units.write(old, self._stored(table, key), IN_TRANSACTION)

    def _write(self, table: str, key: Item, call: Any) -> Item:
        before = self._stored(table, key)
        answer: Item = call()
        self.units.write(before, self._stored(table, key), 1)
        return answer

    def _stored(self, table: str, key: Item) -> Item:
        wanted = {name: key[name] for name in ("pk", "sk")}
        return dict(self._store.get_item(TableName=table, Key=wanted).get("Item", {}))

    def _look(self, key: Item, item: Item | None, factor: int) -> None:
        self.units.look(Place(TABLE, key["pk"]["S"]), [item] if item else [], factor)

    def _page(self, asked: Mapping[str, Any], answer: Item) -> None:
        self.units.calls.append("query")
        self._looked(asked, answer)

    def _looked(self, asked: Mapping[str, Any], answer: Item) -> None:
        values = asked["ExpressionAttributeValues"]
        key = next(values[name]["S"] for name in (":pk", ":shard") if name in values)
        factor = 1 if asked.get("ConsistentRead") else 0.5
        self.units.look(Place(asked.get("IndexName", TABLE), key), answer.get("Items", []), factor)


class Pages:
    """A paginator whose pages are counted."""

    def __init__(self, pages: Any, looked: Any) -> None:
        self._pages = pages
        self._looked = looked

    def paginate(self, **asked: Any) -> Iterator[Item]:
        """Yield the pages."""
        for page in self._pages.paginate(**asked):
            self._looked(asked, page)
            yield page


def _written(write: Mapping[str, Any]) -> tuple[str, Item]:
    (operation,) = write.values()
    return operation["TableName"], operation.get("Item") or operation["Key"]
