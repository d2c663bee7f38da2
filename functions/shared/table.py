"""The one table: its keys, its conditions and its errors are known here and nowhere else.

Every resource is one item under its own id (``<partner>#<id>``, sorted by its kind), read consistently. Lists are
index entries that hold keys only. A change is one :class:`Transaction`; whoever read a record that somebody else has
changed since gets a :class:`Conflict`, reads again and decides again (:func:`settle`).
"""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from random import SystemRandom
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar
from uuid import uuid4

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from functions.shared import aws, clock
from functions.shared.clock import Instant
from functions.shared.ids import new_id
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DUE_SHARDS = 8
LONGEST_PK = 2048
LONGEST_SK = 1024
"""In bytes; DynamoDB refuses to look for anything longer."""
PATIENCE_SECONDS = 8.0
"""How long a change is tried again while others win; shorter than every function's timeout."""
EVENTS_KEPT = timedelta(days=90)
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

R = TypeVar("R", bound="Record")
T = TypeVar("T")


class TableSettings(Settings):
    """Where the orders are kept."""

    table_name: str


class Conflict(Exception):
    """Somebody else changed what this change was decided on; nothing was written."""


class Throttled(Exception):
    """The table took no more work within the time we are ready to wait; nothing was written."""


class Key(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str


class Partition(NamedTuple):
    """Where a list lies: in an index (``None``: in the table itself), under a partition key."""

    gsi: str | None
    pk: str


class Due(NamedTuple):
    """A record that the clock must look at."""

    partner: str
    id: str
    kind: str


class Record(BaseModel):
    """A resource as it is kept. ``version`` counts its writes, ``sequence`` its events."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    KIND: ClassVar[str]
    PREFIX: ClassVar[str]

    id: str
    partner: str
    created_at: Instant
    updated_at: Instant | None = None
    version: int = 0
    sequence: int = 0
    due_at: Instant | None = None
    """When the clock must look at it next; absent when nothing is due."""

    def lists(self) -> Mapping[str, str]:
        """The lists it appears in: index → partition key; sorted by its id."""
        return {}

    def key(self) -> Key:
        """Its primary key."""
        return record_key(type(self), self.partner, self.id)

    def item(self) -> dict[str, Any]:
        """What is stored, index keys included."""
        item: dict[str, Any] = self.key()._asdict() | {"kind": self.KIND}
        item |= self.model_dump(mode="json", exclude_none=True)
        for index, partition in self.lists().items():
            item |= {f"{index}pk": partition, f"{index}sk": self.id}
        if self.due_at:
            item["due_shard"] = _due_shard(zlib.crc32(self.id.encode()) % DUE_SHARDS)
        return item


class Event(Record):
    """A committed change, told to the world (contract §8); also what we ask of the mobile network."""

    KIND = "event"
    PREFIX = "evt"

    type: str
    data: dict[str, Any]
    ttl: int


def record_key(model: type[Record], partner: str, record_id: str) -> Key:
    """The primary key of a partner's record."""
    return Key(f"{partner}#{record_id}", model.KIND)


Wanted = Mapping[type[Record], Iterable[str]]
"""Ids of records, by their kind."""


class Found:
    """The items a batched read brought back."""

    def __init__(self, items: Mapping[Key, dict[str, Any]], partner: str) -> None:
        self._items = items
        self._partner = partner

    def get(self, model: type[R], record_id: str | None) -> R | None:
        """The partner's record, or ``None`` if there is no such record."""
        item = self._items.get(record_key(model, self._partner, record_id)) if record_id else None
        return model.model_validate(item) if item else None

    def item(self, key: Key) -> dict[str, Any] | None:
        """Another item, as it is stored."""
        return self._items.get(key)


class Transaction:
    """What one change writes, all of it or nothing, at one moment (``at``)."""

    def __init__(self) -> None:
        self.at = clock.now()
        self._writes: dict[Key, Callable[[], dict[str, Any]]] = {}

    def create(self, record: Record) -> None:
        """Write a record that must not exist yet."""
        self._add(record.key(), lambda: _put(_next_version(record), "attribute_not_exists(pk)"))

    def update(self, record: Record) -> None:
        """Write a record that must be as it was read. Changes made to it until the commit are written too."""
        record.updated_at = self.at
        self._add(record.key(), lambda: _put(_next_version(record), "version = :read", {":read": record.version}))

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
        self._emit(record.partner, event_type, data, record.sequence)

    def request(self, partner: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Ask something of the mobile network, if and only if the change commits."""
        self._emit(partner, event_type, data, 0)

    def commit(self) -> None:
        """Write everything in one ``TransactWriteItems``.

        Raises :class:`Conflict` when a condition does not hold, :class:`Throttled` when the table stays busy.
        """
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

    def _emit(self, partner: str, event_type: str, data: Mapping[str, Any], sequence: int) -> None:
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
    return model.model_validate(item) if item else None


def get_item(key: Key) -> dict[str, Any] | None:
    """One item as it is now, or ``None``."""
    if not _storable(key):
        return None
    answer = _client().get_item(TableName=_name(), Key=_marshal(key._asdict()), ConsistentRead=True)
    return unmarshal(answer["Item"]) if "Item" in answer else None


def read_all(partner: str, wanted: Wanted, keys: Sequence[Key] = ()) -> Found:
    """Many records and other items in one batched read, as they are now; what is missing is not in the answer."""
    all_keys = {record_key(model, partner, record_id) for model, ids in wanted.items() for record_id in ids}
    return Found(dict(_batch_get([*all_keys, *keys])), partner)


def keys_in(
    partition: Partition, start: str | None = None, *, newest_first: bool = True, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The list entries that follow ``start`` (an id, not included) and whether there are more after them.

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
        ExpressionAttributeValues=_marshal(values),
        ScanIndexForward=not newest_first,
        Limit=limit + 1,
        **where,
    )
    entries = [unmarshal(item) for item in answer["Items"]]
    return entries[:limit], len(entries) > limit or "LastEvaluatedKey" in answer


def due(moment: datetime, shard: int) -> Iterator[Due]:
    """Everything that is due at the moment in one shard, the longest overdue first.

    It comes from an index that may lag: whoever acts on it reads the record again.
    """
    pages = (
        _client()
        .get_paginator("query")
        .paginate(
            TableName=_name(),
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues=_marshal({":shard": _due_shard(shard), ":now": clock.iso(moment)}),
        )
    )
    for page in pages:
        for item in map(unmarshal, page["Items"]):
            partner, _, record_id = item["pk"].partition("#")
            yield Due(partner, record_id, item["sk"])


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


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB writes it (in a stream record, too) as plain values."""
    deserializer = _Integers()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


@cache
def _client() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=aws.CLIENT)


def _name() -> str:
    return TableSettings.load().table_name


def _pauses(attempts: int | None = None) -> Iterator[float]:
    """Full jitter under a ceiling that doubles: 20 ms, 40 ms, … at most 320 ms; without ``attempts`` for ever.

    The system's randomness, because the state of Python's is frozen into a Lambda snapshot and would be the same in
    every process that is restored from it.
    """
    for attempt in count() if attempts is None else range(attempts):
        yield SystemRandom().uniform(0, 0.02 * 2 ** min(attempt, 4))


def _batch_get(keys: Sequence[Key]) -> Iterator[tuple[Key, dict[str, Any]]]:
    waiting: list[Any] = [_marshal(key._asdict()) for key in keys if _storable(key)]
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


def _due_shard(number: int) -> str:
    return f"due#{number}"


def _next_version(record: Record) -> dict[str, Any]:
    return record.item() | {"version": record.version + 1}


def _put(item: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    put: dict[str, Any] = {"TableName": _name(), "Item": _marshal(item), "ConditionExpression": condition}
    if values:
        put["ExpressionAttributeValues"] = _marshal(values)
    return {"Put": put}


def _delete(key: Key, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    delete: dict[str, Any] = {
        "TableName": _name(),
        "Key": _marshal(key._asdict()),
        "ConditionExpression": condition,
    }
    if values:
        delete["ExpressionAttributeValues"] = _marshal(values)
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


class _Integers(TypeDeserializer):
    """The table holds whole numbers only: money in minor units, bytes, counts."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)


def _marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}
