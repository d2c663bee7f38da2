"""The table's stream: put events on the bus and on their way to webhooks, move accepted orders on, start executions.

Every record can arrive again. Moving on and starting have no effect the second time; an event is published again with
the same id. Records are handled in order, and none after one that must be retried: it would be handled twice.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from functions.events.set_aside import ComesAgain, Record, Unreadable, is_outage, set_aside_or_wait
from functions.network.interface import ORDERS
from functions.network.requests import NetworkRequest
from functions.orders import executions, progress
from functions.orders.order import Order
from functions.shared import aws, clock, table
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.observability import set_log_context
from functions.shared.records import id_in
from functions.shared.settings import Settings
from functions.webhooks import queue
from functions.webhooks.fan_out import FanOut, message_about
from functions.webhooks.queue import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    Publication = tuple[Record, PutEventsRequestEntryTypeDef]

LETS_THE_NEXT_ORDER_GO = {
    *("order.completed", "order.failed", "order.canceled"),
    *("subscription.canceled", "subscription.terminated"),
}
"""Events after which the next scheduled order of the subscription may be released."""
IS_ID = re.compile(".+_.+").fullmatch
"""Tells an id from what a partition is called, or a kind."""
MAX_ENTRIES = 10
MAX_REQUEST_BYTES = 240_000
MAX_DETAIL_BYTES = 200_000
"""The limit of EventBridge is 256 KB per request; a larger event is published with its ids and links only."""
IN_SHORT = ("id", "status", "_links")
"""What such an event has of a resource."""
MAX_SECONDS = 15.0
"""After this, no further record of a batch is started, so that the function ends in time; the rest is retried."""


class BusSettings(Settings):
    """The event buses: that of partners' events, and that of the mobile network."""

    bus_name: str
    network_bus_name: str


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle a batch of stream records; return the first that must be retried, if any."""
    set_log_context()
    for settings in (BusSettings, QueueSettings):
        settings.load()  # so that a missing setting is not blamed on a record
    fan_out = FanOut()
    try:
        _carry_out(event["Records"], fan_out, time.monotonic() + MAX_SECONDS)
    except ComesAgain as stop:
        return {"batchItemFailures": [{"itemIdentifier": stop.sequence_number}]}
    finally:
        fan_out.send()
    return {"batchItemFailures": []}


def entry_of(event: Event | NetworkRequest) -> "PutEventsRequestEntryTypeDef":
    """Return the bus entry of an event: the contract's envelope and the partner; for the network, only the data."""
    buses = BusSettings.load()
    if isinstance(event, NetworkRequest):
        return _entry(buses.network_bus_name, event.type, json.dumps(event.data, ensure_ascii=False))
    envelope = _envelope(event)
    text = json.dumps(envelope, ensure_ascii=False)
    if len(text.encode()) > MAX_DETAIL_BYTES:
        text = json.dumps(envelope | {"data": {name: _by_link(value) for name, value in event.data.items()}})
    return _entry(buses.bus_name, event.type, text)


def _entry(bus_name: str, detail_type: str, text: str) -> "PutEventsRequestEntryTypeDef":
    return {
        "EventBusName": bus_name,
        "Source": ORDERS,
        "DetailType": detail_type,
        "Detail": text,
    }


def _envelope(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "partner": event.partner,
        "created_at": clock.iso(event.created_at),
        "sequence": event.sequence,
        "data": event.data,
    }


def _by_link(value: dict[str, Any]) -> dict[str, Any]:
    """Return what is left of a resource; what has no id is small, and stays as it is."""
    return {name: value[name] for name in IN_SHORT if name in value} if "id" in value else value


class _Batch:
    """Handles one record after the other; collects events, so that they are put on the bus together."""

    def __init__(self, fan_out: FanOut) -> None:
        self._unpublished: list[Publication] = []
        self._fan_out = fan_out

    def carry_out(self, record: Record) -> None:
        """Do what a record asks for. Raise :class:`ComesAgain` if it, or one before it, must be retried."""
        try:
            asked = _read(record)
        except Exception as error:  # noqa: BLE001 - any content that we do not write
            self._fail(record, Unreadable(f"{type(error).__name__}: {error}"))
            return
        if asked.entry is not None:
            self._unpublished.append((record, asked.entry))
        if asked.event is not None:
            self._try(partial(self._fan_out.deliver, asked.event), record)
        if asked.move is not None:
            self.forward()
            self._try(asked.move, record)

    def forward(self) -> None:
        """Put the collected events on the bus."""
        pending, self._unpublished = self._unpublished, []
        _publish(pending)

    def _try(self, move: Callable[[], object], record: Record) -> None:
        keys = record["dynamodb"]["Keys"]
        partner, _, name = keys["pk"]["S"].partition("#")
        set_log_context(partner=partner, id=next(filter(IS_ID, (name, id_in(keys["sk"]["S"]))), None))
        try:
            move()
        except Exception as error:  # noqa: BLE001 - one record's trouble must not block the others forever
            self._fail(record, error)

    def _fail(self, record: Record, error: Exception) -> None:
        self.forward()
        set_aside_or_wait(record, error)


def _carry_out(records: Sequence[Record], fan_out: FanOut, end: float) -> None:
    batch = _Batch(fan_out)
    for record in records:
        if time.monotonic() >= end:
            batch.forward()
            raise ComesAgain(record)
        batch.carry_out(record)
    batch.forward()


class _Asked(NamedTuple):
    """What a record asks for: an entry for the bus, an event for webhooks, and a further action."""

    entry: "PutEventsRequestEntryTypeDef | None" = None
    event: Event | None = None
    move: Callable[[], object] | None = None


def _read(record: Record) -> _Asked:
    item = unmarshal(record["dynamodb"]["NewImage"])
    match item["kind"]:
        case NetworkRequest.KIND:
            return _Asked(entry_of(NetworkRequest.from_item(item)))
        case Event.KIND:
            event = Event.from_item(item)
            return _Asked(entry_of(event), event, _let_the_next_go(event))
        case Order.KIND:
            return _Asked(move=_move_on(item))
    return _Asked(move=partial(queue.send, [message_about(item)]))


def _move_on(item: dict[str, Any]) -> Callable[[], object] | None:
    """Return the action for the order's new status, if any."""
    partner, _, order_id = item["pk"].partition("#")
    match item["status"]:
        case "accepted":
            return lambda: table.retry_on_conflict(lambda: progress.advance(partner, order_id))
        case "fulfilling":
            return lambda: executions.start(partner, order_id)
    return None


def _let_the_next_go(event: Event) -> Callable[[], object] | None:
    """Return the action for the event besides putting it on the bus, if any."""
    if event.type not in LETS_THE_NEXT_ORDER_GO or not (subscription_id := _subscription_of(event.data)):
        return None
    return lambda: table.retry_on_conflict(lambda: progress.advance_next(event.partner, subscription_id))


def _subscription_of(data: dict[str, Any]) -> str | None:
    """Return the event's subscription, if orders can be waiting for it: none wait for a new one."""
    order = data.get("order")
    if order is None:
        return str(data["subscription"]["id"])
    if order.get("type") == "activate_subscription" or "_embedded" not in order:
        return None
    return str(order["_embedded"]["subscription"]["id"])


def _publish(events: "Sequence[Publication]") -> None:
    """Put the events on the bus, up to the first that must be retried."""
    for batch in _batches(events):
        try:
            answer = _bus().put_events(Entries=[entry for _, entry in batch])
        except Exception as error:  # noqa: BLE001 - as above
            if len(batch) == 1 or is_outage(error):
                set_aside_or_wait(batch[0][0], error)
            else:
                for publication in batch:  # one of them is the reason
                    _publish([publication])
            continue
        for (record, _), result in zip(batch, answer["Entries"], strict=True):
            if "ErrorCode" in result:
                refusal: Any = {"Code": result["ErrorCode"], "Message": result.get("ErrorMessage", "")}
                set_aside_or_wait(record, ClientError({"Error": refusal}, "PutEvents"))


def _batches(entries: "Sequence[Publication]") -> "Iterator[list[Publication]]":
    """Yield the entries in batches that PutEvents accepts, by number and size."""
    batch: list[Publication] = []
    size = 0
    for publication in entries:
        length = len(publication[1]["Detail"].encode())
        if batch and (len(batch) == MAX_ENTRIES or size + length > MAX_REQUEST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(publication)
        size += length
    if batch:
        yield batch


@cache
def _bus() -> "EventBridgeClient":
    return boto3.client("events", config=aws.CLIENT)
