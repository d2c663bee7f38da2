"""Slots: how many attempts a webhook has under way, so that a slow one takes no worker from the others.

Each attempt holds a slot of its webhook, which ends by itself if its worker does. A worker that finds none free marks
one that is taken; the worker whose attempt ends then lets the next delivery go on. The mark is only written if its slot
is still there, so the end of that attempt is not missed.
"""

from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom

from functions.shared import clock
from functions.shared.moments import Instant
from functions.shared.records import Expiring, Found
from functions.webhooks.delivery import DELIVERIES_KEPT
from functions.webhooks.webhook import Webhook

SLOTS = 8
"""Attempts that a webhook may have under way; one, if it rests."""
MAX_VERSION = 2**48


class Slot(Expiring):
    """An attempt under way, at one of the places that its webhook has; its id is made of both."""

    KIND = "slot"
    PREFIX = "slot"

    holder: str
    until: Instant
    """By the time of the machine."""
    awaited_by: str | None = None
    """A delivery that waits for it; others may, too."""


class Slots:
    """The slots of a webhook, as they were read."""

    def __init__(self, webhook: Webhook, found: Found, now: datetime) -> None:
        self._webhook = webhook
        self._now = now
        self._stored = {each: slot for each in slot_ids(webhook.id) if (slot := found.get(Slot, each))}
        self._taken = [slot for slot in self._stored.values() if slot.until > clock.machine_time()]

    def free(self) -> Slot | None:
        """Return a slot that may be taken: a random one, so that concurrent workers rarely pick the same."""
        ids = slot_ids(self._webhook.id)
        if self._webhook.rests:
            return None if self._taken else self._slot(ids[0])
        taken = {slot.id for slot in self._taken}
        free = [each for each in ids if each not in taken]
        return self._slot(SystemRandom().choice(free)) if free else None

    def to_await(self) -> Slot:
        """Return a slot that is taken."""
        return SystemRandom().choice(self._taken)

    def _slot(self, slot_id: str) -> Slot:
        """Return what a worker that has died has left of a slot, or a new one.

        Its version is none that an earlier one with this id had: a mark for that one must not replace it.
        """
        new = Slot(
            id=slot_id,
            partner=self._webhook.partner,
            created_at=self._now,
            version=SystemRandom().randrange(MAX_VERSION),
            holder="",
            until=self._now,
            ttl=int((self._now + DELIVERIES_KEPT).timestamp()),
        )
        return self._stored.get(slot_id, new)


def slot_ids(webhook_id: str) -> Sequence[str]:
    """Return the ids of a webhook's slots."""
    return [f"{webhook_id}#{number}" for number in range(SLOTS)]
