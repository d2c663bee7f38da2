"""moto's queries, made as quick as what they find is small.

moto looks at the whole table for every query. Here a query sees only the items that have its partition key, and those
of an index are known by their index key, as they are in DynamoDB.
"""

import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamShard, Table

from infra.local.patches import replaced

Items = dict[Any, dict[Any, Item]]
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

    def note(self, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        """Look again at an item that was written or removed."""
        primary = hash_key, range_key
        for key in self._keys.pop(primary, ()):
            del self._found[key][primary]
        item = self._table.items.get(hash_key, {}).get(range_key)
        if item is not None:
            keys = [(name, item.attrs[name].value) for name in self._names if name in item.attrs]
            self._keys[primary] = keys
            for key in keys:
                self._found.setdefault(key, {})[primary] = item

    def find(self, name: str, value: Any) -> Items:
        """The items that have this value, under their primary keys."""
        found: Items = {}
        for (hash_key, range_key), item in self._found.get((name, value), {}).items():
            found.setdefault(hash_key, {})[range_key] = item
        return found


_indexes: WeakKeyDictionary[StreamShard, Index] = WeakKeyDictionary()


def index_of(table: Table) -> Index:
    """The index of a table, which must have a stream: it is known from its first change on."""
    shard = table.stream_shard
    if shard is None:
        raise ValueError(f"{table.name} has no stream")
    if shard not in _indexes:
        _indexes[shard] = Index(table)
    return _indexes[shard]


@contextmanager
def narrow_queries() -> Iterator[None]:
    """Let every query look at its own partition only."""
    with ExitStack() as patches:
        patches.enter_context(replaced(StreamShard, "add", _noting))
        patches.enter_context(replaced(Table, "query", _narrowed))
        yield


def _noting(add: Callable[..., None]) -> Callable[..., None]:
    """Every write of moto's ends with a record of the stream."""

    def add_and_note(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        add(shard, old, new)
        written = new or old
        if written is not None:
            index_of(shard.table).note(written.hash_key, written.range_key)

    return add_and_note


def _narrowed(query: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(query)

    # The signature must be seen through it: what is narrowed already may be narrowed again.
    @wraps(query)
    def narrowed(table: Table, *args: Any, **options: Any) -> Any:
        asked = signature.bind(table, *args, **options).arguments
        view = copy.copy(table)
        if asked.get("index_name"):
            ((name, key),) = asked["hash_key_conditions"]
            view.items = index_of(table).find(name, key.value)  # type: ignore[assignment]
        else:
            view.items = {asked["hash_key"]: table.items.get(asked["hash_key"], {})}  # type: ignore[assignment]
        return query(view, *args, **options)

    return narrowed
