"""Attempts: one worker at a time makes the next one of a delivery, and what came of it is recorded (contract §8).

An attempt is claimed by one transaction of the delivery and a slot of its webhook, and recorded by one of these and the
webhook's health. A worker that dies in between leaves a lease that ends: then the attempt is made again.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.event import EVENTS_KEPT, Event
from functions.shared.metrics import WEBHOOK_DELIVERIES, WEBHOOKS_RESTING
from functions.shared.observability import logger, measure
from functions.shared.records import Due, Wanted
from functions.shared.transaction import Transaction
from functions.webhooks import queue
from functions.webhooks.delivery import LEASE, UNHEARD_OF, Attempt, Delivery, waiting_at
from functions.webhooks.queue import Message
from functions.webhooks.slots import SLOTS, Slot, Slots, slot_ids
from functions.webhooks.webhook import Webhook

QUICK_TRIES = 4
"""How often a claim is made without a pause while others claim, too."""


class Claim(NamedTuple):
    """An attempt that nobody else makes before the lease ends."""

    delivery: Delivery
    webhook: Webhook
    event: Event
    slot: Slot


def message_of(delivery: Delivery) -> Message:
    """Return the message that lets the next attempt of a delivery be made."""
    return Message(delivery.partner, delivery.id, delivery.webhook_id)


def claim(partner: str, delivery_id: str) -> Claim | None:
    """Claim the next attempt of a delivery; ``None`` if none is to be made now.

    Webhook and event are read now: what was changed of the webhook holds for this attempt. A worker that wanted the
    same slot at the same moment wants another one next, so there is no need to pause at first.
    """
    for _ in range(QUICK_TRIES):
        with suppress(Conflict):
            return _claim(partner, delivery_id)
    return table.retry_on_conflict(lambda: _claim(partner, delivery_id))


def _claim(partner: str, delivery_id: str) -> Claim | None:
    change = Transaction()
    delivery = table.read(Delivery, partner, delivery_id)
    if delivery is None or is_under_way(delivery) or not delivery.wants_attempt(change.at):
        return None
    was = delivery.status
    wanted: Wanted = {Webhook: [delivery.webhook_id], Event: [delivery.event_id], Slot: slot_ids(delivery.webhook_id)}
    found = table.read_all(partner, wanted)
    webhook, event = found.get(Webhook, delivery.webhook_id), found.get(Event, delivery.event_id)
    if webhook is None or webhook.status == "disabled":
        delivery.give_up()
    elif event is None or event.created_at < change.at - EVENTS_KEPT:
        _expire(delivery, change.at)
    else:
        if delivery.created_at < webhook.enabled_at:
            delivery.end_schedule()
        if delivery.wants_attempt(change.at):
            return _take(change, delivery, webhook, event, Slots(webhook, found, change.at))
    change.update(delivery)
    change.commit()
    _measure_outcome(delivery, was)
    return None


def _measure_outcome(delivery: Delivery, was: str) -> None:
    """Count a delivery that has come to its end, or that a further attempt has delivered after all."""
    if delivery.status != was:
        measure(WEBHOOK_DELIVERIES, of=delivery.status)


def is_under_way(delivery: Delivery) -> bool:
    """Return whether somebody holds a lease on its next attempt."""
    return delivery.lease is not None and delivery.lease.until > clock.machine_time()


def _expire(delivery: Delivery, at: datetime) -> None:
    """End a delivery whose event is no longer kept."""
    delivery.attempts.append(Attempt(number=len(delivery.attempts) + 1, at=at, duration_ms=0, error="event_expired"))
    delivery.give_up()


def _take(change: Transaction, delivery: Delivery, webhook: Webhook, event: Event, slots: Slots) -> Claim | None:
    """Claim the attempt with a free slot; without one, let the delivery wait for one that is taken."""
    slot = slots.free()
    if slot is None:
        _wait(change, delivery, slots.to_await())
        return None
    write = change.update if slot.holder else change.create
    slot.holder, slot.until = uuid4().hex, clock.machine_time() + LEASE
    slot.awaited_by = slot.awaited_by or (delivery.id if delivery.waiting else None)
    delivery.begin(slot.holder, change.at, slot.until)
    change.update(delivery)
    write(slot)
    change.commit()
    return Claim(delivery, webhook, event, slot)


def _wait(change: Transaction, delivery: Delivery, slot: Slot) -> None:
    delivery.wait(change.at)
    slot.awaited_by = delivery.id
    change.update(delivery)
    change.update(slot)
    change.commit()


def when_due(due: Due, now: datetime) -> None:
    """Send the message of a delivery whose attempt is due, whose message was lost, or whose worker has died."""
    delivery = table.read(Delivery, due.partner, due.id)
    if delivery is None or is_under_way(delivery) or not delivery.wants_attempt(now):
        return
    queue.send([message_of(delivery)])
    table.put_off(due, clock.now() + UNHEARD_OF)


class Recorded(NamedTuple):
    """What can go on after an attempt."""

    delivery: Delivery
    awaiting: Sequence[str]
    """Deliveries that have marked a slot."""
    places: int
    """How many may begin now."""


def record(claimed: Claim, attempt: Attempt, retry_after: timedelta) -> None:
    """Record what came of the attempt, give its slot back, and let go on what can go on now.

    If the process ends before the messages are sent, the clock finds what they are about.
    """
    recorded = table.retry_on_conflict(lambda: _record(claimed, attempt, retry_after))
    if recorded:
        _go_on(recorded)


def _record(claimed: Claim, attempt: Attempt, retry_after: timedelta) -> Recorded | None:
    change = Transaction()
    own, slots = claimed.delivery.id, slot_ids(claimed.webhook.id)
    wanted: Wanted = {Delivery: [own], Webhook: [claimed.webhook.id], Slot: slots}
    found = table.read_all(claimed.delivery.partner, wanted)
    delivery, webhook = found.get(Delivery, own), found.get(Webhook, claimed.webhook.id)
    if delivery is None or delivery.lease is None or delivery.lease.holder != claimed.slot.holder:
        logger.warning("An attempt took longer than its lease.", extra={"delivery_id": own})
        return None
    was = delivery.status
    delivery.conclude(attempt, change.at, retry_after)
    change.update(delivery)
    places = SLOTS if webhook is not None and webhook.rests and attempt.error is None else 1
    if webhook is not None and webhook.record_attempt(attempt.at, succeeded=attempt.error is None):
        change.update(webhook)
    taken = [slot for each in slots if (slot := found.get(Slot, each))]
    for slot in taken:
        if slot.holder == claimed.slot.holder:
            change.delete(slot)
    change.commit()
    _measure_outcome(delivery, was)
    if webhook is not None and webhook.rests:
        measure(WEBHOOKS_RESTING)
    return Recorded(delivery, [slot.awaited_by for slot in taken if slot.awaited_by], places)


def _go_on(recorded: Recorded) -> None:
    """Send the messages of the delivery's next attempt, and of those that wait until there is a slot."""
    delivery = recorded.delivery
    if delivery.next_attempt_at:
        queue.send_at(message_of(delivery), delivery.next_attempt_at)
    if not recorded.awaiting:
        return
    waiting = waiting_at(delivery.partner, delivery.webhook_id)
    entries, _ = table.keys_in(waiting, newest_first=False, limit=recorded.places)
    # The index may not show yet what waits.
    ids = [entry["pk"].partition("#")[2] for entry in entries] or recorded.awaiting
    queue.send(Message(delivery.partner, each, delivery.webhook_id) for each in ids if each != delivery.id)
