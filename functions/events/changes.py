"""The table's stream: committed events go to the bus, accepted orders move on, orders in fulfilment get an execution.

Every record may come again. Moving on and starting do nothing the second time; an event is told again under the same
id.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from functions.orders import execution, lifecycle
from functions.orders.order import Order
from functions.shared import aws, clock, table
from functions.shared.observability import begin, logger
from functions.shared.records import Event, unmarshal
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    Placed = tuple[int, PutEventsRequestEntryTypeDef]

SOURCE = "mobile-orders"
LETS_THE_NEXT_ORDER_GO = {
    *("order.completed", "order.failed", "order.canceled"),
    *("subscription.canceled", "subscription.terminated"),
}
"""Events after which another order of the subscription may have its turn."""
MOST_ENTRIES = 10
LARGEST_REQUEST = 240_000
LARGEST_DETAIL = 200_000
"""EventBridge takes 256 KB in one request; an event larger than this is told by its ids and links."""


class BusSettings(Settings):
    """The event bus."""

    bus_name: str


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Carry out a batch of stream records; what failed comes again from the first failure on."""
    begin()
    records = event["Records"]
    items = [unmarshal(record["dynamodb"]["NewImage"]) for record in records]
    failed = _forward([(place, item) for place, item in enumerate(items) if item["kind"] == Event.KIND])
    before = [record["dynamodb"].get("OldImage", {}).get("status", {}).get("S") for record in records]
    failed += [place for place, item in enumerate(items) if not _move_on(item, before[place])]
    failures = [{"itemIdentifier": records[min(failed)]["dynamodb"]["SequenceNumber"]}] if failed else []
    return {"batchItemFailures": failures}


def entry_of(event: Event) -> "PutEventsRequestEntryTypeDef":
    """The bus entry that tells an event: the contract's envelope and the partner; to the network, only the data."""
    detail = event.data if event.sequence == 0 else _envelope(event)
    text = json.dumps(detail, ensure_ascii=False)
    if event.sequence and len(text.encode()) > LARGEST_DETAIL:
        text = json.dumps(detail | {"data": {name: _by_link(value) for name, value in event.data.items()}})
    return {
        "EventBusName": BusSettings.load().bus_name,
        "Source": SOURCE,
        "DetailType": event.type,
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


def _forward(events: Sequence[tuple[int, dict[str, Any]]]) -> list[int]:
    """Put the events on the bus; answers the places of those it did not take."""
    failed = []
    for batch in _batches([(place, entry_of(Event.model_validate(item))) for place, item in events]):
        answer = _bus().put_events(Entries=[entry for _, entry in batch])
        for (place, entry), result in zip(batch, answer["Entries"], strict=True):
            if "ErrorCode" in result:
                logger.error("The bus did not take an event.", extra={"type": entry["DetailType"], **result})
                failed.append(place)
    return failed


def _batches(entries: "Sequence[Placed]") -> "Iterator[list[Placed]]":
    """The entries as PutEvents takes them: so many at a time, and so many bytes."""
    batch: list[Placed] = []
    size = 0
    for placed in entries:
        length = len(placed[1]["Detail"].encode())
        if batch and (len(batch) == MOST_ENTRIES or size + length > LARGEST_REQUEST):
            yield batch
            batch, size = [], 0
        batch.append(placed)
        size += length
    if batch:
        yield batch


def _move_on(item: dict[str, Any], status_before: str | None) -> bool:
    """Do what the change asks for; whether that went well."""
    begin(partner=item["partner"], id=item["id"])
    try:
        if item["kind"] == Order.KIND and item["status"] != status_before:
            _move_order_on(item["partner"], item["id"], item["status"])
        elif item["kind"] == Event.KIND and item["type"] in LETS_THE_NEXT_ORDER_GO:
            _let_the_next_go(item["partner"], item["data"])
    except Exception:  # noqa: BLE001 - one order's trouble must not hold up the others; it is told as a failure
        logger.exception("An order could not be moved on.")
        return False
    return True


def _move_order_on(partner: str, order_id: str, status: str) -> None:
    if status == "accepted":
        table.settle(lambda: lifecycle.advance(partner, order_id))
    elif status == "fulfilling":
        execution.start(partner, order_id)


def _let_the_next_go(partner: str, data: dict[str, Any]) -> None:
    """See to the next scheduled order of the subscription that the event tells of; one that was just made has none."""
    order = data.get("order")
    if order and (order["type"] == "activate_subscription" or "_embedded" not in order):
        return
    subscription_id = (order["_embedded"] if order else data)["subscription"]["id"]
    table.settle(lambda: lifecycle.see_to_next(partner, subscription_id))


@cache
def _bus() -> "EventBridgeClient":
    return boto3.client("events", config=aws.CLIENT)
