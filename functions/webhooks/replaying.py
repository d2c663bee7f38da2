"""Replays are carried out page by page, behind what is new (contract §8, deliveries)."""

from datetime import datetime, timedelta

from functions.shared import log, table
from functions.shared.event import EVENTS_KEPT, Event, matches
from functions.shared.records import Due, id_in
from functions.shared.transaction import Transaction
from functions.webhooks import queue
from functions.webhooks.attempts import message_of
from functions.webhooks.delivery import UNHEARD_OF, Delivery, delivery_id
from functions.webhooks.queue import Message
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook

PAGE = 100
"""Events of the log that one message goes through."""
PAUSE_SECONDS = 1
"""Between pages."""
LOOKS_AGAIN = timedelta(minutes=1)
"""After this it goes on if the page before was not tried yet."""


def when_due(due: Due, now: datetime) -> None:
    """Let a replay go on that waits, or whose message was lost."""
    queue.send([Message(due.partner, due.id)])
    table.put_off(due, now + UNHEARD_OF)


def go_on(partner: str, replay_id: str) -> None:
    """Make the next page of deliveries, once the page before was tried: only one page waits beside what is new."""
    table.retry_on_conflict(lambda: _go_on(partner, replay_id))


def _go_on(partner: str, replay_id: str) -> None:
    change = Transaction()
    replay = table.read(Replay, partner, replay_id)
    if replay is None:
        return
    webhook = table.read(Webhook, partner, replay.webhook_id)
    if webhook is None or webhook.status == "disabled":
        change.delete(replay)
        change.commit()
    elif replay.place and not _is_tried(replay):
        replay.due_at = change.at + LOOKS_AGAIN
        change.update(replay)
        change.commit()
    else:
        _make_page(replay, change)


def _is_tried(replay: Replay) -> bool:
    """Return whether the last delivery that was made has been tried, or never will be."""
    delivery = table.read(Delivery, replay.partner, _own_id(replay, id_in(replay.place or "")))
    return delivery is None or delivery.status != "pending" or bool(delivery.attempts)


def _make_page(replay: Replay, change: Transaction) -> None:
    between = log.since(max(replay.since, change.at - EVENTS_KEPT), replay.until)
    entries, more = log.entries(replay.partner, between, replay.place, newest_first=False, limit=PAGE)
    wanted = [entry for entry in entries if any(matches(entry["type"], each) for each in replay.types)]
    deliveries = [_delivery(replay, Event.from_item(entry), change) for entry in wanted]
    if more:
        replay.place, replay.due_at = (wanted or entries)[-1]["sk"], change.at + UNHEARD_OF
        change.update(replay)
    else:
        change.delete(replay)
    change.commit()
    queue.send(map(message_of, deliveries))
    if more:
        queue.send([Message(replay.partner, replay.id, replay.webhook_id)], PAUSE_SECONDS)


def _delivery(replay: Replay, event: Event, change: Transaction) -> Delivery:
    delivery = Delivery.of(event, replay.webhook_id, _own_id(replay, event.id), change.at)
    table.put_new(delivery)
    return delivery


def _own_id(replay: Replay, event_id: str) -> str:
    return delivery_id(replay.webhook_id, event_id, replay.created_at, replay.id)
