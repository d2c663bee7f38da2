"""The table's stream: committed events go to the bus, accepted orders move on, orders in fulfilment get an execution.

Every record may come again. Moving on and starting do nothing the second time; an event is told again under the same
id. Records are carried out in their order, and nothing behind one that must come again: it would be done twice.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from functions.events.set_aside import ComesAgain, Record, Unreadable, is_outage, set_aside_or_wait
from functions.network.interface import ORDERS
from functions.network.requests import NetworkRequest
from functions.orders import execution, lifecycle
from functions.orders.order import Order
from functions.shared import aws, clock, table
from functions.shared.marshal import unmarshal
from functions.shared.observability import begin
from functions.shared.records import Event
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    Told = tuple[Record, PutEventsRequestEntryTypeDef]

LETS_THE_NEXT_ORDER_GO = {
    *("order.completed", "order.failed", "order.canceled"),
    *("subscription.canceled", "subscription.terminated"),
}
"""Events after which another order of the subscription may have its turn."""
MOST_ENTRIES = 10
LARGEST_REQUEST = 240_000
LARGEST_DETAIL = 200_000
"""EventBridge takes 256 KB in one request; an event larger than this is told by its ids and links."""
ENOUGH_SECONDS = 15.0
"""When no more of a batch is begun, so that the function ends in time; what is left comes again at once."""


class BusSettings(Settings):
    """The event bus."""

    bus_name: str


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Carry out a batch of stream records; name the first of those that must come again, if any."""
    begin()
    BusSettings.load()  # a setting that is missing is no fault of a record
    try:
        _carry_out(event["Records"], time.monotonic() + ENOUGH_SECONDS)
    except ComesAgain as stop:
        return {"batchItemFailures": [{"itemIdentifier": stop.sequence_number}]}
    return {"batchItemFailures": []}


def entry_of(event: Event | NetworkRequest) -> "PutEventsRequestEntryTypeDef":
    """The bus entry that tells an event: the contract's envelope and the partner; to the network, only the data."""
    if isinstance(event, NetworkRequest):
        return _entry(event.type, json.dumps(event.data, ensure_ascii=False))
    envelope = _envelope(event)
    text = json.dumps(envelope, ensure_ascii=False)
    if len(text.encode()) > LARGEST_DETAIL:
        text = json.dumps(envelope | {"data": {name: _by_link(value) for name, value in event.data.items()}})
    return _entry(event.type, text)


def _entry(detail_type: str, text: str) -> "PutEventsRequestEntryTypeDef":
    return {
        "EventBusName": BusSettings.load().bus_name,
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


def _by_link(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: resource[name] for name in ("id", "status", "_links") if name in resource}


def _carry_out(records: Sequence[Record], end: float) -> None:
    """Take one record after the other; events wait for each other and go to the bus together."""
    events: list[Told] = []
    for record in records:
        if time.monotonic() >= end:
            _forward(events)
            raise ComesAgain(record)
        try:
            entry, move = _read(record)
        except Exception as error:  # noqa: BLE001 - whatever there is in it, it is not what we write
            _forward(events)
            events = []
            set_aside_or_wait(record, Unreadable(f"{type(error).__name__}: {error}"))
            continue
        if entry is not None:
            events.append((record, entry))
        if move is not None:
            _forward(events)
            events = []
            _try(move, record)
    _forward(events)


def _read(record: Record) -> "tuple[PutEventsRequestEntryTypeDef | None, Callable[[], object] | None]":
    """What a record is for: an entry for the bus, and what else must be done."""
    item = unmarshal(record["dynamodb"]["NewImage"])
    if item["kind"] == NetworkRequest.KIND:
        return entry_of(NetworkRequest.from_item(item)), None
    if item["kind"] == Event.KIND:
        event = Event.from_item(item)
        return entry_of(event), _let_the_next_go(event)
    return None, _move_on(item)


def _move_on(item: dict[str, Any]) -> Callable[[], object] | None:
    """What the order's new status asks for, if anything."""
    partner, _, order_id = item["pk"].partition("#")
    match item["kind"], item["status"]:
        case Order.KIND, "accepted":
            return lambda: table.settle(lambda: lifecycle.advance(partner, order_id))
        case Order.KIND, "fulfilling":
            return lambda: execution.start(partner, order_id)
    return None


def _let_the_next_go(event: Event) -> Callable[[], object] | None:
    """What the event asks for beside being told on the bus, if anything."""
    if event.type not in LETS_THE_NEXT_ORDER_GO or not (subscription_id := _subscription_of(event.data)):
        return None
    return lambda: table.settle(lambda: lifecycle.see_to_next(event.partner, subscription_id))


def _subscription_of(data: dict[str, Any]) -> str | None:
    """The subscription that an event tells of, if orders can wait for it: none do for one that was just made."""
    order = data.get("order")
    if order is None:
        return str(data["subscription"]["id"])
    if order.get("type") == "activate_subscription" or "_embedded" not in order:
        return None
    return str(order["_embedded"]["subscription"]["id"])


def _try(move: Callable[[], object], record: Record) -> None:
    partner, _, record_id = record["dynamodb"]["Keys"]["pk"]["S"].partition("#")
    begin(partner=partner, id=record_id)
    try:
        move()
    except Exception as error:  # noqa: BLE001 - one record's trouble must not hold up the others for ever
        set_aside_or_wait(record, error)


def _forward(events: "Sequence[Told]") -> None:
    """Put the events on the bus, up to the first that must come again."""
    for batch in _batches(events):
        try:
            answer = _bus().put_events(Entries=[entry for _, entry in batch])
        except Exception as error:  # noqa: BLE001 - as above
            if len(batch) == 1 or is_outage(error):
                set_aside_or_wait(batch[0][0], error)
            else:
                for told in batch:  # one of them is the reason
                    _forward([told])
            continue
        for (record, _), result in zip(batch, answer["Entries"], strict=True):
            if "ErrorCode" in result:
                refusal: Any = {"Code": result["ErrorCode"], "Message": result.get("ErrorMessage", "")}
                set_aside_or_wait(record, ClientError({"Error": refusal}, "PutEvents"))


def _batches(entries: "Sequence[Told]") -> "Iterator[list[Told]]":
    """The entries as PutEvents takes them: so many at a time, and so many bytes."""
    batch: list[Told] = []
    size = 0
    for told in entries:
        length = len(told[1]["Detail"].encode())
        if batch and (len(batch) == MOST_ENTRIES or size + length > LARGEST_REQUEST):
            yield batch
            batch, size = [], 0
        batch.append(told)
        size += length
    if batch:
        yield batch


@cache
def _bus() -> "EventBridgeClient":
    return boto3.client("events", config=aws.CLIENT)
