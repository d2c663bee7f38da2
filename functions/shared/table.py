"""The one table: its keys, its conditions and its errors are known here and nowhere else.

Every resource is one item under its own id (``<partner>#<id>``, sorted by its kind), read consistently. Lists are
index entries that hold keys only. A change is one :class:`Transaction`; whoever read a record that somebody else has
changed since gets a :class:`Conflict`, reads again and decides again (:func:`settle`).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import count
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

from functions.shared import aws, clock
from functions.shared.ids import new_id
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import (
    EVENTS_KEPT,
    Aggregate,
    Due,
    Event,
    Found,
    Key,
    Partition,
    Record,
    Wanted,
    due_shard,
    record_key,
)
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LONGEST_PK = 2048
LONGEST_SK = 1024
"""In bytes; DynamoDB refuses to look for anything longer."""
PATIENCE_SECONDS = 8.0
"""How long a change is tried again while others win; shorter than every function's timeout."""
DUE_PAGE = 1000
"""How many entries of what is due are read and held at a time."""
TRANSIENT = {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingError",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class TableSettings(Settings):
    """Where the orders are kept."""

    table_name: str


class Conflict(Exception):
    """Somebody else changed what this change was decided on; nothing was written."""


class Throttled(Exception):
    """The table took no more work within the time we are ready to wait; nothing was written."""


class Transaction:
    """What one change writes, all of it or nothing, at one moment (``at``)."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or clock.now()
        self._writes: dict[Key, Callable[[], dict[str, Any]]] = {}

    def create(self, record: Record) -> None:
        """Write a record that must not exist yet."""
        self._add(record.key(), lambda: _put(_next_version(record), "attribute_not_exists(pk)"))

    def update(self, record: Record) -> None:
        """Write a record that must be as it was read. Changes made to it until the commit are written too."""
        record.updated_at = self.at
        self._add(record.key(), lambda: _put(_next_version(record), "version = :read", {":read": record.version}))

    def save(self, aggregate: Aggregate) -> None:
        """Write what has changed of an aggregate, and publish its events; once, when it has changed for good."""
        for record in aggregate.records():
            if record.version:
                self.update(record)
            else:
                self.create(record)
        for event in aggregate.events():
            self._emit(*event)

    def delete(self, record: Record) -> None:
        """Remove a record that must be as it was read."""
        self._add(record.key(), lambda: _delete(record.key(), "version = :read", {":read": record.version}))

    def claim(self, key: Key, attributes: Mapping[str, Any], free_from: datetime | None = None) -> None:
        """Put a guard that must not exist yet, or whose ``expires_at`` lies before ``free_from``."""
        item = key._asdict() | dict(attributes)
        if free_from is None:
            self._add(key, lambda: _put(item, "attribute_not_exists(pk)"))
        else:
            condition = "attribute_not_exists(pk) OR expires_at <= :now"
            self._add(key, lambda: _put(item, condition, {":now": clock.iso(free_from)}))

    def release(self, key: Key) -> None:
        """Remove a guard that must exist."""
        self._add(key, lambda: _delete(key, "attribute_exists(pk)", {}))

    def publish(self, record: Record, event_type: str, data: Mapping[str, Any]) -> None:
        """Tell the world of a change of the record; ``data`` is what contract §8 puts into the envelope."""
        record.sequence += 1
        self._emit(record.partner, event_type, record.sequence, data)

    def commit(self) -> None:
        """Write everything in one ``TransactWriteItems``; with nothing to write, do nothing.

        Raises :class:`Conflict` when a condition does not hold, :class:`Throttled` when the table stays busy.
        """
        if not self._writes:
            return
        writes = [make() for make in self._writes.values()]
        token = str(uuid4())
        for pause in _pauses(attempts=6):
            try:
                _client().transact_write_items(TransactItems=writes, ClientRequestToken=token)  # type: ignore[arg-type]
            except ClientError as error:
                _raise_unless_transient(error)
            else:
                return
            time.sleep(pause)
        raise Throttled

    def _emit(self, partner: str, event_type: str, sequence: int, data: Mapping[str, Any]) -> None:
        event = Event(
            id=new_id(Event.PREFIX),
            partner=partner,
            created_at=self.at,
            type=event_type,
            sequence=sequence,
            data=dict(data),
            ttl=int((self.at + EVENTS_KEPT).timestamp()),
        )
        self.create(event)

    def _add(self, key: Key, make: Callable[[], dict[str, Any]]) -> None:
        if key in self._writes:
            raise ValueError(f"one change writes {key} twice")
        self._writes[key] = make


def read(model: type[R], partner: str, record_id: str) -> R | None:
    """One record as it is now, or ``None``."""
    item = get_item(record_key(model, partner, record_id))
    return model.from_item(item) if item else None


def get_item(key: Key) -> dict[str, Any] | None:
    """One item as it is now, or ``None``."""
    if not _storable(key):
        return None
    answer = _client().get_item(TableName=_name(), Key=marshal(key._asdict()), ConsistentRead=True)
    return unmarshal(answer["Item"]) if "Item" in answer else None


def get_settled_item(key: Key) -> dict[str, Any] | None:
    """One item as it is while no transaction is at work on it, or ``None``.

    A plain read, consistent or not, may still show an item as it was when another item of the same transaction can
    already be seen as it will be. Raises :class:`Throttled` when the item stays in work.
    """
    wanted: Any = [{"Get": {"TableName": _name(), "Key": marshal(key._asdict())}}]
    for pause in _pauses(attempts=6):
        try:
            (found,) = _client().transact_get_items(TransactItems=wanted)["Responses"]
        except ClientError as error:
            _raise_unless_transient(error)
        else:
            return unmarshal(found["Item"]) if "Item" in found else None
        time.sleep(pause)
    raise Throttled


def read_all(partner: str, wanted: Wanted, keys: Sequence[Key] = ()) -> Found:
    """Many records and other items in one batched read, as they are now; what is missing is not in the answer."""
    all_keys = {record_key(model, partner, record_id) for model, ids in wanted.items() for record_id in ids}
    return Found(dict(_batch_get([*all_keys, *keys])), partner)


def keys_in(
    partition: Partition, start: str | None = None, *, newest_first: bool = True, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The list entries that follow ``start`` (a sort key, not included) and whether there are more after them.

    It asks for one entry more than it returns: DynamoDB also says that there may be more when it stops at the last.
    """
    if not _storable(Key(partition.pk, "")):
        return [], False
    names = {"#pk": f"{partition.gsi or ''}pk"}
    values = {":pk": partition.pk}
    condition = "#pk = :pk"
    if start is not None:
        names["#sk"] = f"{partition.gsi or ''}sk"
        condition += " AND #sk < :start" if newest_first else " AND #sk > :start"
        values[":start"] = start
    where: Any = {"IndexName": partition.gsi} if partition.gsi else {"ConsistentRead": True}
    answer = _client().query(
        TableName=_name(),
        KeyConditionExpression=condition,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=marshal(values),
        ScanIndexForward=not newest_first,
        Limit=limit + 1,
        **where,
    )
    entries = [unmarshal(item) for item in answer["Items"]]
    return entries[:limit], len(entries) > limit or "LastEvaluatedKey" in answer


def due(moment: datetime, shard: int) -> Iterator[Due]:
    """Everything that is due at the moment in one shard, the longest overdue first, read page by page as it is taken.

    It comes from an index that may lag: whoever acts on it reads the record again.
    """
    pages = (
        _client()
        .get_paginator("query")
        .paginate(
            TableName=_name(),
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues=marshal({":shard": due_shard(shard), ":now": clock.iso(moment)}),
            PaginationConfig={"PageSize": DUE_PAGE},
        )
    )
    for page in pages:
        for item in page["Items"]:
            partner, _, record_id = item["pk"]["S"].partition("#")
            yield Due(partner, record_id, item["sk"]["S"], item["due_at"]["S"])


def put_off(due: Due, until: datetime) -> None:
    """Let a record be due later, unless somebody has moved it or removed it since it was found due."""
    try:
        _client().update_item(
            TableName=_name(),
            Key=marshal({"pk": f"{due.partner}#{due.id}", "sk": due.kind}),
            UpdateExpression="SET due_at = :later",
            ConditionExpression="due_at = :found",
            ExpressionAttributeValues=marshal({":later": clock.iso(until), ":found": due.at}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def settle(attempt: Callable[[], T]) -> T:
    """Run a read-decide-write until nobody else wrote in between; it must have no other effect than its commit.

    Raises :class:`Throttled` when others kept winning for longer than a caller can wait.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    for pause in _pauses():
        try:
            return attempt()
        except Conflict:
            if time.monotonic() + pause > deadline:
                break
            time.sleep(pause)
    raise Throttled


@cache
def _client() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=aws.CLIENT)


def _name() -> str:
    return TableSettings.load().table_name


def _pauses(attempts: int | None = None) -> Iterator[float]:
    """Full jitter under a ceiling that doubles: 20 ms, 40 ms, … at most 640 ms; without ``attempts`` for ever.

    The system's randomness, because the state of Python's is frozen into a Lambda snapshot and would be the same in
    every process that is restored from it.
    """
    for attempt in count() if attempts is None else range(attempts):
        yield SystemRandom().uniform(0, 0.02 * 2 ** min(attempt, 5))


def _batch_get(keys: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Any]]]:
    waiting: list[Any] = [marshal(key._asdict()) for key in keys if _storable(key)]
    for pause in _pauses(attempts=8):
        if not waiting:
            return
        request: Any = {_name(): {"Keys": waiting, "ConsistentRead": True}}
        answer = _client().batch_get_item(RequestItems=request)
        for item in map(unmarshal, answer["Responses"].get(_name(), [])):
            yield Key(item["pk"], item["sk"]), item
        unprocessed = answer["UnprocessedKeys"].get(_name())
        waiting = list(unprocessed["Keys"]) if unprocessed else []
        if waiting:
            time.sleep(pause)
    if waiting:
        raise Throttled


def _storable(key: Key) -> bool:
    """Whether the table could hold such a key: what people ask for may be longer, and is then not there."""
    return len(key.pk.encode()) <= LONGEST_PK and len(key.sk.encode()) <= LONGEST_SK


def _next_version(record: Record) -> dict[str, Any]:
    return record.item() | {"version": record.version + 1}


def _put(item: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    put: dict[str, Any] = {"TableName": _name(), "Item": marshal(item), "ConditionExpression": condition}
    if values:
        put["ExpressionAttributeValues"] = marshal(values)
    return {"Put": put}


def _delete(key: Key, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    delete: dict[str, Any] = {
        "TableName": _name(),
        "Key": marshal(key._asdict()),
        "ConditionExpression": condition,
    }
    if values:
        delete["ExpressionAttributeValues"] = marshal(values)
    return {"Delete": delete}


def _raise_unless_transient(error: ClientError) -> None:
    """A cancelled transaction tells a reason per item; one failed condition decides, whatever else was busy."""
    reasons: Any = error.response.get("CancellationReasons")
    codes = (
        {reason.get("Code", "None") for reason in reasons} - {"None"} if reasons else {error.response["Error"]["Code"]}
    )
    if "ConditionalCheckFailed" in codes:
        raise Conflict from error
    if not codes <= TRANSIENT:
        raise error
