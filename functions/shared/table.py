"""The one table: its keys and its reads; with :mod:`transaction` and :mod:`dynamodb` all that knows DynamoDB.

Every resource is one item under its own id (``<partner>#<id>``, sorted by its kind), read consistently. Lists are
index entries that hold keys only. A change is one :class:`Transaction`. If somebody else has changed a record
since it was read, the change gets a :class:`Conflict`, reads again and decides again (:func:`retry_on_conflict`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from functions.shared import clock, dynamodb
from functions.shared.dynamodb import Conflict, Throttled
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import Due, Found, Key, Partition, Record, Wanted, due_shard
from functions.shared.table_name import table_name

MAX_PK_BYTES = 2048
MAX_SK_BYTES = 1024
"""In bytes; DynamoDB refuses to look for anything longer."""
PATIENCE_SECONDS = 8.0
"""How long a change is tried again while others win; shorter than every function's timeout."""
PAUSE_PER_ATTEMPT = 4
"""How many times as long as the attempt that lost the pause after it may be."""
DUE_PAGE = 1000
"""How many entries of what is due are read and held at a time."""

Bounds = tuple[str | None, str | None]
"""Sort keys: from which on (included) and up to which (not included) a list is wanted."""

R = TypeVar("R", bound=Record)
T = TypeVar("T")


def read(model: type[R], partner: str, record_id: str) -> R | None:
    """Return one record as it is now, or ``None``."""
    item = get_item(model.key_of(partner, record_id))
    return model.from_item(item) if item else None


def get_item(key: Key) -> dict[str, Any] | None:
    """Return one item as it is now, or ``None``."""
    if not _storable(key):
        return None
    answer = dynamodb.client().get_item(TableName=table_name(), Key=marshal(key._asdict()), ConsistentRead=True)
    return unmarshal(answer["Item"]) if "Item" in answer else None


def get_committed_item(key: Key) -> dict[str, Any] | None:
    """Return one item as it is while no transaction is at work on it, or ``None``.

    A plain read, consistent or not, may still show an item as it was when another item of the same transaction can
    already be seen as it will be. Raise :class:`Throttled` if the item stays in work.
    """
    wanted: Any = [{"Get": {"TableName": table_name(), "Key": marshal(key._asdict())}}]
    answer = dynamodb.while_busy(lambda: dynamodb.client().transact_get_items(TransactItems=wanted))
    (found,) = answer["Responses"]
    return unmarshal(found["Item"]) if "Item" in found else None


def read_all(partner: str, wanted: Wanted, keys: Sequence[Key] = ()) -> Found:
    """Return many records and other items by one batched read, as they are now; what does not exist is left out."""
    all_keys = {model.key_of(partner, record_id) for model, ids in wanted.items() for record_id in ids}
    return Found(dict(_batch_get([*all_keys, *keys])), partner)


def keys_in(
    partition: Partition,
    start: str | None = None,
    *,
    newest_first: bool = True,
    limit: int,
    between: Bounds = (None, None),
) -> tuple[list[dict[str, Any]], bool]:
    """Return the list entries that follow ``start`` (a sort key, not included) and whether there are more after them.

    It asks for one entry more than it returns: DynamoDB also says that there may be more when it stops at the last.
    """
    if not _storable(Key(partition.pk, "")):
        return [], False
    names, values = {"#pk": f"{partition.gsi or ''}pk"}, {":pk": partition.pk}
    sort_name = f"{partition.gsi or ''}sk"
    limits = _limits(start, newest_first, between)
    if len(limits) == 2 and limits[":low"] >= limits[":high"]:
        return [], False
    if limits:
        names["#sk"] = sort_name
    where: Any = {"IndexName": partition.gsi} if partition.gsi else {"ConsistentRead": True}
    answer = dynamodb.client().query(
        TableName=table_name(),
        KeyConditionExpression=_condition(limits),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=marshal(values | limits),
        ScanIndexForward=not newest_first,
        Limit=limit + 1 + (start in limits.values()),
        **where,
    )
    entries = [entry for item in answer["Items"] if (entry := unmarshal(item))[sort_name] != start]
    return entries[:limit], len(entries) > limit or "LastEvaluatedKey" in answer


def counted(partition: Partition, between: Bounds, types: Sequence[str]) -> Iterator[int]:
    """Yield for each page of a list in the table how many entries have a ``type`` that these name, also by wildcards.

    The pages are read as needed, and not consistently: what is younger than a moment may be missed.
    """
    limits = _limits(None, newest_first=False, between=between)
    if len(limits) == 2 and limits[":low"] >= limits[":high"]:
        return
    names, values = {"#pk": "pk", "#sk": "sk"}, {":pk": partition.pk} | limits
    where: Any = {}
    if "*" not in types:
        names["#type"] = "type"
        values |= {f":type{number}": entry.removesuffix("*") for number, entry in enumerate(types)}
        each = (
            f"begins_with(#type, :type{number})" if entry.endswith("*") else f"#type = :type{number}"
            for number, entry in enumerate(types)
        )
        where["FilterExpression"] = " OR ".join(each)
    pages = _pages(
        KeyConditionExpression=_condition(limits),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=marshal(values),
        Select="COUNT",
        **where,
    )
    for page in pages:
        yield page["Count"]


def _pages(**query: Any) -> Iterable[Any]:
    """Return the pages of a query of the table; each is read once it is needed."""
    return dynamodb.client().get_paginator("query").paginate(TableName=table_name(), **query)


def _limits(start: str | None, newest_first: bool, between: Bounds) -> dict[str, str]:
    """Return the sort keys from which (``:low``, which may be ``start`` itself) and up to which entries follow."""
    lowest, below = between
    low = lowest if newest_first else max(filter(None, (start, lowest)), default=None)
    high = min(filter(None, (start, below)), default=None) if newest_first else below
    return {name: key for name, key in ((":low", low), (":high", high)) if key is not None}


def _condition(limits: Mapping[str, str]) -> str:
    """Return the condition of a query; the higher limit of two is included, as DynamoDB has no other form."""
    match sorted(limits):
        case [":high", ":low"]:
            return "#pk = :pk AND #sk BETWEEN :low AND :high"
        case [":high"]:
            return "#pk = :pk AND #sk < :high"
        case [":low"]:
            return "#pk = :pk AND #sk >= :low"
    return "#pk = :pk"


def due(moment: datetime, shard: int) -> Iterator[Due]:
    """Yield everything that is due at the moment in one shard, the longest overdue first; pages are read as needed.

    It comes from an index that may lag: a caller that acts on a record reads it again.
    """
    pages = _pages(
        IndexName="due",
        KeyConditionExpression="due_shard = :shard AND due_at <= :now",
        ExpressionAttributeValues=marshal({":shard": due_shard(shard), ":now": clock.iso(moment)}),
        PaginationConfig={"PageSize": DUE_PAGE},
    )
    for page in pages:
        for item in page["Items"]:
            partner, _, record_id = item["pk"]["S"].partition("#")
            yield Due(partner, record_id, item["sk"]["S"], item["due_at"]["S"])


def put_new(record: Record) -> None:
    """Write a record by itself, unless it exists already."""
    item = marshal(record.item() | {"version": record.version + 1})
    put = partial(dynamodb.client().put_item, TableName=table_name(), Item=item)
    with suppress(Conflict):
        dynamodb.while_busy(partial(put, ConditionExpression=dynamodb.NEW))


def put_off(due: Due, until: datetime) -> None:
    """Let a record be due later, unless somebody has moved it or removed it since it was found due."""
    try:
        dynamodb.client().update_item(
            TableName=table_name(),
            Key=marshal({"pk": f"{due.partner}#{due.id}", "sk": due.kind}),
            UpdateExpression="SET due_at = :later",
            ConditionExpression="due_at = :found",
            ExpressionAttributeValues=marshal({":later": clock.iso(until), ":found": due.at}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Run a read-decide-write until nobody else wrote in between; it must have no other effect than its commit.

    Where an attempt takes long, so do the pauses: otherwise some attempt is always under way, and each
    commit voids all others. Yet no pause takes so long that no time is left for another attempt. Raise
    :class:`Throttled` if others win for longer than a caller can wait.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    for ceiling in dynamodb.ceilings():
        began = time.monotonic()
        try:
            return attempt()
        except Conflict:
            now = time.monotonic()
            if now >= deadline:
                break
            time.sleep(dynamodb.jittered(min(max(ceiling, PAUSE_PER_ATTEMPT * (now - began)), deadline - now)))
    raise Throttled


def _batch_get(keys: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Any]]]:
    waiting: list[Any] = [marshal(key._asdict()) for key in keys if _storable(key)]
    for pause in dynamodb.pauses(attempts=8):
        if not waiting:
            return
        request: Any = {table_name(): {"Keys": waiting, "ConsistentRead": True}}
        answer = dynamodb.client().batch_get_item(RequestItems=request)
        for item in map(unmarshal, answer["Responses"].get(table_name(), [])):
            yield Key(item["pk"], item["sk"]), item
        unprocessed = answer["UnprocessedKeys"].get(table_name())
        waiting = list(unprocessed["Keys"]) if unprocessed else []
        if waiting:
            time.sleep(pause)
    if waiting:
        raise Throttled


def _storable(key: Key) -> bool:
    """Return whether the table could hold such a key: a longer one names nothing that exists."""
    return len(key.pk.encode()) <= MAX_PK_BYTES and len(key.sk.encode()) <= MAX_SK_BYTES
