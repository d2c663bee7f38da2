"""The sender: carries out the queue of webhooks, and ``POST /webhooks/{id}/test``. It alone opens their secrets."""

import json
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from functions.shared import clock, published
from functions.shared.event import TYPES, Event
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.observability import add_log_context, logger, named, observed, set_log_context
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction
from functions.webhooks import attempts, making, queue, replaying, sending, worker
from functions.webhooks.delivery import SENT_WITHIN, Delivery, show_delivery
from functions.webhooks.queue import Message
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook

DEFAULT_TEST = "order.completed"


def _known_type(event_type: Any) -> Any:
    if isinstance(event_type, str) and event_type not in TYPES:
        raise ValueError("must be an event type")
    return event_type


class TestWebhook(Shape):
    """What to send an example of."""

    type: Annotated[str, BeforeValidator(_known_type), WithJsonSchema({"type": "string", "enum": [*TYPES]})] = (
        DEFAULT_TEST
    )


def test_webhook(request: Request, body: TestWebhook) -> Response:
    """Send an example once, to a disabled webhook, too; return its delivery. It does not count as a failure."""
    webhook = request.find(Webhook)
    change = Transaction()
    event = Event(
        id=new_id(Event.PREFIX),
        partner=request.partner,
        created_at=change.at,
        type=body.type,
        sequence=1,
        data=_examples()[body.type],
        ttl=0,
    )
    delivery = Delivery.of(event, webhook.id, new_id(Delivery.PREFIX), change.at)
    delivery.test = True
    attempt, _ = sending.attempt(webhook, event, number=1)
    delivery.conclude(attempt, clock.now())
    delivery.end_schedule()
    change.create(delivery)
    return request.commit(change, Response(200, show_delivery(delivery)))


@cache
def _examples() -> dict[str, Any]:
    """Return what the data of each type of event looks like."""
    examples: dict[str, Any] = json.loads(published.read("events.json"))
    return examples


def carry_out(body: str) -> None:
    """Do what a message asks for: the next attempt of a delivery, or deliveries that are to be made."""
    message = queue.read(body)
    set_log_context(partner=message.partner, **named(message.about))
    match message.about.partition("_")[0]:
        case Delivery.PREFIX:
            _attempt(message)
        case Event.PREFIX:
            making.fan_out_again(message.partner, message.about)
        case Webhook.PREFIX:
            making.catch_up(message.partner, message.about, message.after)
        case Replay.PREFIX:
            replaying.go_on(message.partner, message.about)
        case _:
            raise ValueError("the message is about nothing that is known")


def _attempt(message: Message) -> None:
    claimed = attempts.claim(message.partner, message.about)
    if claimed is None:
        return
    add_log_context(order_id=claimed.event.order_id, event_id=claimed.event.id)
    if clock.machine_time() + SENT_WITHIN > claimed.slot.until:
        logger.warning("An attempt was claimed too slowly to be made; it is made when its lease has ended.")
        return
    number = len(claimed.delivery.attempts) + 1
    attempts.record(claimed, *sending.attempt(claimed.webhook, claimed.event, number))


_answer = door(__name__)


@observed()
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Carry out a batch of messages, or answer a request."""
    if "Records" not in event:
        return _answer(event, context)
    return worker.work(event["Records"], carry_out)
