"""The table's stream: put events on the bus and on their way to webhooks, move accepted orders on, start executions.

Every record can arrive again. Moving on and starting have no effect the second time; an event is published again with
the same id. Records are handled in order, and none after one that must be retried: it would be handled twice.
"""

import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.events import heartbeat, stream_filter
from functions.events.measures import measure_event
from functions.events.publishing import BusSettings, entry_of, publish
from functions.events.set_aside import ComesAgain, Record, Unreadable, set_aside_or_wait
from functions.network.requests import NetworkRequest
from functions.orders import executions, progress
from functions.orders.order import Order
from functions.shared import table
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.observability import named, observed, set_log_context
from functions.shared.records import id_in
from functions.webhooks import queue
from functions.webhooks.fan_out import FanOut, message_about
from functions.webhooks.queue import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from functions.events.publishing import Publication

LETS_THE_NEXT_ORDER_GO = {
    *("order.completed", "order.failed", "order.canceled"),
    *("subscription.canceled", "subscription.terminated"),
}
"""Events after which the next scheduled order of the subscription may be released."""
IS_ID = re.compile(".+_.+").fullmatch
"""Tells an id from what a partition is called, or a kind."""
MAX_SECONDS = 15.0
"""After this, no further record of a batch is started, so that the function ends in time; the rest is retried."""


@observed()
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle a batch of stream records; return the first that must be retried, if any."""
    for settings in (BusSettings, QueueSettings):
        settings.load()  # so that a missing setting is not blamed on a record
    batch = _Batch()
    try:
        _carry_out(event["Records"], batch, time.monotonic() + MAX_SECONDS)
    except ComesAgain as stop:
        batch.end(before=stop.sequence_number)
        return {"batchItemFailures": [{"itemIdentifier": stop.sequence_number}]}
    batch.end()
    return {"batchItemFailures": []}


class _Batch:
    """Handles one record after the other; collects events, so that they are put on the bus together."""

    def __init__(self) -> None:
        self._unpublished: list[Publication] = []
        self._read: list[tuple[Record, Event]] = []
        self._fan_out = FanOut()

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
            self._read.append((record, asked.event))
            self._try(partial(self._fan_out.deliver, asked.event), record)
        if asked.move is not None:
            self.forward()
            self._try(asked.move, record)

    def forward(self) -> None:
        """Put the collected events on the bus."""
        pending, self._unpublished = self._unpublished, []
        publish(pending)

    def end(self, before: str | None = None) -> None:
        """Let deliveries be sent; measure what was handled, and will not come again as what follows ``before`` does."""
        self._fan_out.send()
        for record, event in takewhile(lambda read: read[0]["dynamodb"]["SequenceNumber"] != before, self._read):
            _set_log_context(record)
            measure_event(event)

    def _try(self, move: Callable[[], object], record: Record) -> None:
        _set_log_context(record)
        try:
            move()
        except Exception as error:  # noqa: BLE001 - one record's trouble must not block the others forever
            self._fail(record, error)

    def _fail(self, record: Record, error: Exception) -> None:
        self.forward()
        set_aside_or_wait(record, error)


def _set_log_context(record: Record) -> None:
    keys = record["dynamodb"]["Keys"]
    partner, _, name = keys["pk"]["S"].partition("#")
    ids = filter(IS_ID, (name, id_in(keys["sk"]["S"])))
    set_log_context(partner=partner, **named(next(ids, "")))


def _carry_out(records: Sequence[Record], batch: _Batch, end: float) -> None:
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
        case stream_filter.HEARTBEAT:
            return _Asked(move=heartbeat.arrive)
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
