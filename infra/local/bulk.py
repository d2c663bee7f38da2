"""Writes thousands of items at once, for the sandbox's initial data, before anything else writes."""

from collections.abc import Sequence
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from functions.shared.transaction import Transaction
from infra.local import environment
from infra.local.dynamodb import LOCK
from infra.local.queries import index_of


def put_all(change: Transaction) -> None:
    """Write a change that only creates, of any size. No condition is checked, and no stream record is written."""
    put_items([write()["Put"]["Item"] for write in change._writes.values()])  # noqa: SLF001 - they are made for a commit


def put_items(items: Sequence[dict[str, Any]]) -> None:
    """Write items, as :func:`put_all` does."""
    table = dynamodb_backends[environment.ACCOUNT][environment.REGION].get_table(environment.TABLE)
    index = index_of(table)
    with LOCK:
        for attributes in items:
            item = Item(DynamoType(attributes["pk"]), DynamoType(attributes["sk"]), attributes)
            table.items[item.hash_key][item.range_key] = item
            index.update(item.hash_key, item.range_key)
