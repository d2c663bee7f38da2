"""Events on the bus: their entries, and what becomes of those that it does not take."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.events.set_aside import Record, is_outage, set_aside_or_wait
from functions.network.interface import ORDERS
from functions.network.requests import NetworkRequest
from functions.shared import aws, clock
from functions.shared.event import Event
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    Publication = tuple[Record, PutEventsRequestEntryTypeDef]

MAX_ENTRIES = 10
MAX_REQUEST_BYTES = 240_000
MAX_DETAIL_BYTES = 200_000
"""The limit of EventBridge is 256 KB per request; a larger event is published with its ids and links only."""
IN_SHORT = ("id", "status", "_links")
"""What such an event has of a resource."""


class BusSettings(Settings):
    """The event buses: that of partners' events, and that of the mobile network."""

    bus_name: str
    network_bus_name: str


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


def publish(events: "Sequence[Publication]") -> None:
    """Put the events on the bus, up to the first that must be retried."""
    for batch in _batches(events):
        try:
            answer = _bus().put_events(Entries=[entry for _, entry in batch])
        except Exception as error:  # noqa: BLE001 - as above
            if len(batch) == 1 or is_outage(error):
                set_aside_or_wait(batch[0][0], error)
            else:
                for publication in batch:  # one of them is the reason
                    publish([publication])
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
    client: EventBridgeClient = aws.client("events")
    return client
