"""Makes the cost of moto's queries depend on the size of their result.

moto looks at the whole table for every query, and compares what it finds in a roundabout way. Here a query sees only
what can be on its page, and the items of an index are known by their index key, as they are in DynamoDB. All sort keys
are text.
"""

import copy
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from moto.dynamodb.comparisons import OpDefault, get_comparison_func
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamShard, Table

from infra.local.patches import all_replaced

Primary = tuple[DynamoType, DynamoType | None]
IndexKey = tuple[str, Any]
"""The name of an index's partition key and a value of it."""


class Index:
    """The items of one table by the partition keys of its indexes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = {key["AttributeName"] for index in table.all_indexes() for key in index.schema[:1]}
        self._found: dict[IndexKey, dict[Primary, Item]] = {}
        self._keys: dict[Primary, list[IndexKey]] = {}

    def update(self, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        """Index an item again after it was written or removed."""
        primary = hash_key, range_key
        for key in self._keys.pop(primary, ()):
            del self._found[key][primary]
        item = self._table.items.get(hash_key, {}).get(range_key)
        if item is not None:
            keys = [(name, item.attrs[name].value) for name in self._names if name in item.attrs]
            self._keys[primary] = keys
            for key in keys:
                self._found.setdefault(key, {})[primary] = item

    def find(self, name: str, value: Any) -> list[Item]:
        """Return the items that have this value."""
        return list(self._found.get((name, value), {}).values())


_indexes: WeakKeyDictionary[StreamShard, Index] = WeakKeyDictionary()


def index_of(table: Table) -> Index:
    """Return the index of a table with a stream, which is maintained from the table's first change on."""
    shard = table.stream_shard
    if shard is None:
        raise ValueError(f"{table.name} has no stream")
    if shard not in _indexes:
        _indexes[shard] = Index(table)
    return _indexes[shard]


def narrow_queries() -> AbstractContextManager[None]:
    """Limit each query to the items that it can return."""
    return all_replaced((StreamShard, "add", _indexing), (Table, "query", _narrowed))


def _indexing(add: Callable[..., None]) -> Callable[..., None]:
    """Return ``add`` such that it also indexes the item: each write of moto ends with a stream record."""

    def add_and_index(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        add(shard, old, new)
        written = new or old
        if written is not None:
            index_of(shard.table).update(written.hash_key, written.range_key)

    return add_and_index


def _narrowed(query: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(query)

    # The signature must be seen through it: what is narrowed already may be narrowed again.
    @wraps(query)
    def narrowed(table: Table, *args: Any, **options: Any) -> Any:
        asked = signature.bind(table, *args, **options).arguments
        view = copy.copy(table)
        view.items = _by_key(_candidates(table, asked))  # type: ignore[assignment] # moto names a plain dict
        return query(view, *args, **options)

    return narrowed


def _candidates(table: Table, asked: Mapping[str, Any]) -> list[Item]:
    """Return the items of the answer, and at least one more if there are more."""
    if index_name := asked.get("index_name"):
        ((name, key),) = asked["hash_key_conditions"]
        found = index_of(table).find(name, key.value)
        sort_name = table.get_index(index_name).schema[1]["AttributeName"]
    else:
        found = list(table.items.get(asked["hash_key"], {}).values())
        sort_name = str(table.range_key_attr)
    ranked = [(item.attrs[sort_name].value, item) for item in found if sort_name in item.attrs]
    if comparison := asked.get("range_comparison"):
        holds, values = get_comparison_func(comparison), [value.value for value in asked["range_objs"]]
        ranked = [(value, item) for value, item in ranked if holds(value, *values)]
    return _page(ranked, sort_name, asked)


def _page(ranked: list[tuple[str, Item]], sort_name: str, asked: Mapping[str, Any]) -> list[Item]:
    """Return the items of a page, one beyond its end, and those with the same keys as its start and its end."""
    newest_first = asked["scan_index_forward"] is False
    same = 0
    if start := asked.get("exclusive_start_key"):
        first = start[sort_name]["S"]
        ranked = [pair for pair in ranked if (pair[0] <= first if newest_first else pair[0] >= first)]
        same = sum(value == first for value, _ in ranked)
    room = asked["limit"] + same if asked.get("limit") else len(ranked)
    if room < len(ranked) and isinstance(asked.get("filter_expression"), OpDefault | None):
        last = sorted((value for value, _ in ranked), reverse=newest_first)[room]
        ranked = [pair for pair in ranked if (pair[0] >= last if newest_first else pair[0] <= last)]
    return [item for _, item in ranked]


def _by_key(items: list[Item]) -> dict[Any, dict[Any, Item]]:
    found: dict[Any, dict[Any, Item]] = {}
    for item in items:
        found.setdefault(item.hash_key, {})[item.range_key] = item
    return found
