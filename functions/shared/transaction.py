"""A change: what it writes, all of it or nothing, each write under its condition."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from functions.shared import clock, dynamodb
from functions.shared.ids import new_id
from functions.shared.marshal import marshal
from functions.shared.records import EVENTS_KEPT, Aggregate, Event, Key, Record


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
        """Publish an event of the record; ``data`` is what contract §8 puts into the envelope."""
        record.sequence += 1
        self._emit(record.partner, event_type, record.sequence, data)

    def commit(self) -> None:
        """Write everything in one ``TransactWriteItems``; with nothing to write, do nothing.

        Raise what :func:`~functions.shared.dynamodb.while_busy` raises.
        """
        if not self._writes:
            return
        writes = [make() for make in self._writes.values()]
        request: Any = {"TransactItems": writes, "ClientRequestToken": str(uuid4())}
        dynamodb.while_busy(lambda: dynamodb.client().transact_write_items(**request))

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


def _next_version(record: Record) -> dict[str, Any]:
    return record.item() | {"version": record.version + 1}


def _put(item: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    put: dict[str, Any] = {"TableName": dynamodb.table_name(), "Item": marshal(item), "ConditionExpression": condition}
    if values:
        put["ExpressionAttributeValues"] = marshal(values)
    return {"Put": put}


def _delete(key: Key, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    delete: dict[str, Any] = {
        "TableName": dynamodb.table_name(),
        "Key": marshal(key._asdict()),
        "ConditionExpression": condition,
    }
    if values:
        delete["ExpressionAttributeValues"] = marshal(values)
    return {"Delete": delete}
