"""Deliveries that are made from the log: of an event that could not be fanned out, and of a new webhook."""

from functools import partial

from functions.shared import log, table
from functions.shared.event import Event, place_of
from functions.webhooks import queue
from functions.webhooks.fan_out import all_webhooks, make
from functions.webhooks.queue import Message
from functions.webhooks.webhook import Webhook

PAGE = 100
"""Events of the log that one message goes through."""


def fan_out_again(partner: str, event_id: str) -> None:
    """Make an event's deliveries, and send them."""
    event = table.read(Event, partner, event_id)
    if event is not None:
        queue.send(make(event, all_webhooks(partner)))


def catch_up(partner: str, webhook_id: str, after: str) -> None:
    """Make the deliveries of events that were passed on while the webhook was just being made or enabled.

    Its first event is not before the moment at which it was enabled; the stream may have read the partner's webhooks
    before it was written, and each event that it had by then lies in the log.
    """
    webhook = table.read(Webhook, partner, webhook_id)
    if webhook is None or webhook.status == "disabled":
        return
    read = partial(log.entries, partner, log.since(webhook.enabled_at), newest_first=False)
    entries, more = read(place_of(after), limit=PAGE)
    events = [Event.from_item(entry) for entry in entries]
    queue.send([message for event in events for message in make(event, [webhook])])
    if more:
        queue.send([Message(partner, webhook_id, webhook_id, after=events[-1].id)])
