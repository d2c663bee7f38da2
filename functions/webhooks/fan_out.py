"""From an event to its deliveries: one for each of the partner's webhooks that wants it (contract §8, endpoints)."""

import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from functions.shared import clock, table
from functions.shared.event import Event
from functions.shared.observability import report_failure
from functions.webhooks import queue
from functions.webhooks.attempts import message_of
from functions.webhooks.delivery import Delivery, first_delivery_id
from functions.webhooks.queue import Message
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import MAX_WEBHOOKS, Webhook, webhooks_of

FAIR_SECONDS = 2.0
"""How much of a batch's time one partner may take; the rest of its events is handed over to the queue."""


class FanOut:
    """Makes the deliveries of a batch of events.

    Each partner's webhooks are read once, after every event of the batch was committed: a webhook that is made or
    enabled later catches up from the log.
    """

    def __init__(self) -> None:
        self._webhooks = cache(all_webhooks)
        self._spent: dict[str, float] = defaultdict(float)
        self._messages: list[Message] = []

    def deliver(self, event: Event) -> None:
        """Make the event's deliveries; if that fails or takes this partner too long, the queue has it done later.

        Only if the queue refuses it, too, raise what it raises.
        """
        started = time.monotonic()
        try:
            if self._spent[event.partner] < FAIR_SECONDS:
                self._messages += make(event, self._webhooks(event.partner))
                if len(self._messages) >= queue.MAX_MESSAGES:
                    self.send()
                return
        except Exception:  # noqa: BLE001 - one partner's trouble must not hold up the others
            report_failure("An event is handed over to the queue of webhooks.")
        finally:
            self._spent[event.partner] += time.monotonic() - started
        queue.send([Message(event.partner, event.id)])

    def send(self) -> None:
        """Let the deliveries be sent. If the queue does not take them, the clock finds them."""
        messages, self._messages = self._messages, []
        try:
            queue.send(messages)
        except Exception:  # noqa: BLE001 - nothing is lost
            report_failure("Deliveries are sent when the clock finds them.")


def message_about(item: Mapping[str, Any]) -> Message:
    """Return the message for a record as it is stored: a new or enabled webhook, a replay, or a delivery."""
    match item["kind"]:
        case Webhook.KIND:
            webhook = Webhook.from_item(item)
            return Message(webhook.partner, webhook.id, webhook.id)
        case Replay.KIND:
            replay = Replay.from_item(item)
            return Message(replay.partner, replay.id, replay.webhook_id)
        case Delivery.KIND:
            return message_of(Delivery.from_item(item))
    raise ValueError(f"nothing is to be done about a {item['kind']}")


def all_webhooks(partner: str) -> list[Webhook]:
    """Return the partner's webhooks as they are now, the oldest first."""
    found, _ = table.keys_in(webhooks_of(partner), newest_first=False, limit=MAX_WEBHOOKS)
    return [Webhook.from_item(item) for item in found]


def make(event: Event, webhooks: list[Webhook]) -> list[Message]:
    """Make what is missing of the event's deliveries to these webhooks; return the messages of all of them."""
    now = clock.now()
    wanting = [each for each in webhooks if each.wants(event.type, event.created_at)]
    ids = {each.id: first_delivery_id(each.id, event.id) for each in wanting}
    deliveries = [Delivery.of(event, webhook_id, own_id, now) for webhook_id, own_id in ids.items()]
    for delivery in deliveries:
        table.put_new(delivery)
    return [message_of(delivery) for delivery in deliveries]
