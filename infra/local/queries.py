"""moto's queries, made as quick as the table is large.

moto sorts the whole table for every query. Here a query sees only the items that have its partition key.
"""

import copy
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from infra.local.patches import replaced

Items = dict[Any, dict[Any, Item]]


def narrow_queries() -> AbstractContextManager[None]:
    """Let every query look at its own partition only."""

    def make(query: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(query)

        # The signature must be seen through it: what is narrowed already may be narrowed again.
        @wraps(query)
        def narrowed(table: Table, *args: Any, **options: Any) -> Any:
            asked = signature.bind(table, *args, **options).arguments
            view = copy.copy(table)
            if asked.get("index_name"):
                view.items = _indexed(table, dict(asked["hash_key_conditions"]))  # type: ignore[assignment]
            else:
                view.items = {asked["hash_key"]: table.items.get(asked["hash_key"], {})}  # type: ignore[assignment]
            return query(view, *args, **options)

        return narrowed

    return replaced(Table, "query", make)


def _indexed(table: Table, hash_keys: dict[str, Any]) -> Items:
    """The items that have this value, under their primary keys."""
    ((name, key),) = hash_keys.items()
    wanted = key.value
    found: Items = {}
    for partition in table.items.values():
        for item in partition.values():
            attribute = item.attrs.get(name)
            if attribute is not None and attribute.value == wanted:
                found.setdefault(item.hash_key, {})[item.range_key] = item
    return found
