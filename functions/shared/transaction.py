"""A change: what it writes, all of it or nothing, each write under its condition."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from functions.shared import clock, dynamodb
from functions.shared.dynamodb import Conflict
from functions.shared.event import EVENTS_KEPT, Aggregate, Event, Happened, KeepsEvents
from functions.shared.ids import rising_ids
from functions.shared.marshal import marshal
from functions.shared.records import Key, Record
from functions.shared.table_name import table_name

COMMIT_WITHIN = timedelta(seconds=5)
"""How long after its events have got their ids a change may be sent once more. A call takes 9 seconds at most, and
readers of the log pass a moment when it is 20 seconds old: nothing is written behind them (contract §8, the log)."""


class Transaction:
    """What one change writes, all of it or nothing, at one moment (``at``).

    ``order`` is the one whose own step it is, if it is one; it is written too, and keeps the ids of its events.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or clock.now()
        self.order: KeepsEvents | None = None
        self._events: list[Happened] = []
        self._writes: dict[Key, Callable[[], dict[str, Any]]] = {}

    def create(self, record: Record) -> None:
        """Write a record that must not exist yet."""
        self._add(record.key(), lambda: _put(_next_version(record), dynamodb.NEW))

    def update(self, record: Record) -> None:
        """Write a record that must be as it was read. Changes made to it until the commit are written too."""
        record.updated_at = self.at
        self._add(record.key(), lambda: _put(_next_version(record), "version = :read", {":read": record.version}))

    def put(self, record: Record) -> None:
        """Create a new record, or update one that was read."""
        if record.version:
            self.update(record)
        else:
            self.create(record)

    def save(self, aggregate: Aggregate) -> None:
        """Write what has changed of an aggregate, and publish its events; once, when it has changed for good."""
        for record in aggregate.records():
            self.put(record)
        self._events += aggregate.events()

    def delete(self, record: Record) -> None:
        """Remove a record that must be as it was read."""
        self._add(record.key(), lambda: _delete(record.key(), "version = :read", {":read": record.version}))

    def claim(self, key: Key, attributes: Mapping[str, Any], free_from: datetime | None = None) -> None:
        """Put a guard that must not exist yet, or whose ``expires_at`` lies before ``free_from``."""
        item = key._asdict() | dict(attributes)
        if free_from is None:
            self._add(key, lambda: _put(item, dynamodb.NEW))
        else:
            condition = "attribute_not_exists(pk) OR expires_at <= :now"
            self._add(key, lambda: _put(item, condition, {":now": clock.iso(free_from)}))

    def claim_as(self, key: Key, attributes: Mapping[str, Any], same: Sequence[str]) -> None:
        """Put a guard that must not exist yet, or agree on the attributes named in ``same``."""
        agrees = " AND ".join(f"{name} = :{name}" for name in same)
        values = {f":{name}": attributes[name] for name in same}
        item = key._asdict() | dict(attributes)
        self._add(key, lambda: _put(item, f"attribute_not_exists(pk) OR ({agrees})", values))

    def release(self, key: Key) -> None:
        """Remove a guard that must exist."""
        self._add(key, lambda: _delete(key, "attribute_exists(pk)"))

    def release_expired(self, key: Key, moment: datetime) -> None:
        """Remove a guard whose ``expires_at`` must not lie after the moment."""
        self._add(key, lambda: _delete(key, "expires_at <= :now", {":now": clock.iso(moment)}))

    def publish(
        self, record: Record, event_type: str, data: Mapping[str, Any], subscription_id: str | None = None
    ) -> None:
        """Publish an event of a record, which may be about a subscription."""
        record.sequence += 1
        self._events.append(Happened(record.partner, event_type, record.sequence, data, subscription_id))

    def commit(self) -> None:
        """Write everything in one ``TransactWriteItems``; with nothing to write, do nothing.

        Raise what :func:`~functions.shared.dynamodb.while_busy` raises, and :class:`Conflict` if the table stays busy
        for so long that the events would come too late into the log.
        """
        if not self._writes and not self._events:
            return
        now = clock.now()
        events = list(self._stamped(now))
        if self.order:
            self.order.event_ids += [event.id for event in events]
        writes = [make() for make in self._writes.values()]
        writes += [_put(_next_version(event), dynamodb.NEW) for event in events]
        request: Any = {"TransactItems": writes, "ClientRequestToken": str(uuid4())}

        def send() -> None:
            if clock.now() - now > COMMIT_WITHIN:
                raise Conflict
            dynamodb.client().transact_write_items(**request)

        dynamodb.while_busy(send)

    def _stamped(self, now: datetime) -> Iterator[Event]:
        """Yield the events with their moment and ids, which rise in the order in which they were made."""
        order_id = self.order.id if self.order else None
        for event_id, happened in zip(rising_ids(Event.PREFIX, now), self._events, strict=False):
            ttl = int((now + EVENTS_KEPT).timestamp())
            yield Event(id=event_id, created_at=now, order_id=order_id, ttl=ttl, **happened._asdict())

    def _add(self, key: Key, make: Callable[[], dict[str, Any]]) -> None:
        if key in self._writes:
            raise ValueError(f"one change writes {key} twice")
        self._writes[key] = make


def _next_version(record: Record) -> dict[str, Any]:
    return record.item() | {"version": record.version + 1}


def _put(item: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    put: dict[str, Any] = {"TableName": table_name(), "Item": marshal(item), "ConditionExpression": condition}
    if values:
        put["ExpressionAttributeValues"] = marshal(values)
    return {"Put": put}


def _delete(key: Key, condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    delete: dict[str, Any] = {
        "TableName": table_name(),
        "Key": marshal(key._asdict()),
        "ConditionExpression": condition,
    }
    if values:
        delete["ExpressionAttributeValues"] = marshal(values)
    return {"Delete": delete}
