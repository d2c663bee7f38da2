"""Deliveries: an event on its way to one webhook, with every attempt (contract §8, deliveries)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field
from ulid import ULID

from functions.shared.event import Event, moment_of
from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.records import Expiring, ListedBy, Partition
from functions.webhooks import schedule
from functions.webhooks.webhook import Webhook

DELIVERIES_KEPT = timedelta(days=30)
MAX_ATTEMPTS = 50

LEASE = timedelta(seconds=30)
"""How long an attempt may be under way before somebody else may begin it again."""
SENT_WITHIN = timedelta(seconds=15)
"""How much of its lease an attempt must still have when it is sent, to be recorded before that ends."""
UNHEARD_OF = timedelta(minutes=5)
"""After this the clock looks at a delivery whose message in the queue was lost."""

Stage = Literal["asked", "under_way", "waiting"]
Failure = Literal["timeout", "dns", "connection", "tls", "refused_address", "redirect", "http_status", "event_expired"]
"""Why an attempt failed."""


class Attempt(BaseModel):
    """One request to the endpoint, and what came of it."""

    number: int
    at: Instant
    duration_ms: int
    status_code: int | None = None
    error: Failure | None = None
    response_body: str | None = None


class Lease(BaseModel):
    """An attempt under way: its holder sends it, and nobody else before the lease has ended."""

    holder: str
    asked: bool
    """Whether it is one that was asked for, beside the schedule."""
    until: Instant
    """By the time of the machine: that of a sandbox can jump."""


class Delivery(Expiring):
    """An event that is sent to a webhook; ``created_at`` is when the delivery was made.

    An attempt is wanted if it is due by the schedule, or if one was asked for.
    """

    KIND = "delivery"
    PREFIX = "dlv"
    PLURAL = "deliveries"
    LISTS: ClassVar = (ListedBy("gsi2", "again"), ListedBy("gsi1", "webhook_id"))

    webhook_id: str
    event_id: str
    event_type: str
    status: Literal["pending", "delivered", "failed"] = "pending"
    test: bool = False
    attempts: list[Attempt] = Field(default_factory=list)
    delivered_at: Instant | None = None
    next_attempt_at: Instant | None = None
    """By the schedule."""
    asked: int = 0
    """How many attempts were asked for, beside the schedule."""
    asked_done: int = 0
    """How many of these were made."""
    lease: Lease | None = None
    waiting: bool = False
    """Whether an attempt is wanted, but its webhook has its share of attempts under way."""

    @property
    def again(self) -> str | None:
        """The list that it is in if it is not the first delivery of its event, which is found by its id."""
        if self.id == first_delivery_id(self.webhook_id, self.event_id):
            return None
        return delivered_again(self.webhook_id, self.event_id)

    @classmethod
    def of(cls, event: Event, webhook_id: str, delivery_id: str, now: datetime) -> Self:
        """Return a new delivery, to be sent at once."""
        return cls(
            id=delivery_id,
            partner=event.partner,
            created_at=max(now, event.created_at),
            webhook_id=webhook_id,
            event_id=event.id,
            event_type=event.type,
            next_attempt_at=now,
            due_at=now + UNHEARD_OF,
            ttl=int((now + DELIVERIES_KEPT).timestamp()),
        )

    @property
    def stage(self) -> Stage | None:
        """What the stream and the sandbox look at."""
        if self.lease:
            return "under_way"
        if self.waiting:
            return "waiting"
        return "asked" if self.asked > self.asked_done else None

    def item(self) -> dict[str, Any]:
        """Return what is stored; its stage is there for the stream and the sandbox."""
        item = super().item()
        if self.stage:
            item["stage"] = self.stage
        if self.waiting:
            item |= {"gsi3pk": waiting_at(self.partner, self.webhook_id).pk, "gsi3sk": self.sort_key()}
        return item

    def wants_attempt(self, now: datetime) -> bool:
        """Return whether an attempt is to be made at this moment, by the worker that claims it."""
        return self.asked > self.asked_done or self._is_due(now)

    @property
    def attempts_begun(self) -> int:
        """How many attempts were made or will be made in any case."""
        under_way = self.lease is not None and not self.lease.asked
        return len(self.attempts) + self.asked - self.asked_done + under_way

    def ask(self, now: datetime) -> None:
        """Let one attempt more be made, at once."""
        self.asked += 1
        self.due_at = now

    def is_kept(self, now: datetime) -> bool:
        """Return whether it is still kept: the table deletes late."""
        return now < self.created_at + DELIVERIES_KEPT

    def seen_with(self, webhook: Webhook) -> Self:
        """Return it as it is now that its webhook is as it is: disabling ends what waits, here and at once.

        Its record follows when its next attempt comes up.
        """
        ended = webhook.status == "disabled" or self.created_at < webhook.enabled_at
        if ended and self.status == "pending" and not self.test:
            return self.model_copy(update={"status": "failed", "next_attempt_at": None})
        return self

    def begin(self, holder: str, now: datetime, until: datetime) -> None:
        """Let the holder make the attempt that is wanted, until a moment of the machine's time."""
        self.lease = Lease(holder=holder, asked=not self._is_due(now), until=until)
        self.waiting = False
        self.due_at = now + LEASE

    def wait(self, now: datetime) -> None:
        """Let it wait until its webhook has fewer attempts under way."""
        self.waiting = True
        self.due_at = now + UNHEARD_OF

    def conclude(self, attempt: Attempt, now: datetime, retry_after: timedelta = timedelta()) -> None:
        """End the attempt under way. One that was asked for neither moves nor uses up the schedule."""
        asked = self.lease is not None and self.lease.asked
        self.lease = None
        self.attempts.append(attempt)
        self.asked_done += asked
        if attempt.error is None:
            self.status, self.delivered_at, self.next_attempt_at = "delivered", now, None
        elif not asked and self.status == "pending":
            self.next_attempt_at = schedule.next_attempt(len(self.attempts) - self.asked_done, now, retry_after)
            self.status = "pending" if self.next_attempt_at else "failed"
        self.due_at = now if self.asked > self.asked_done else self.next_attempt_at

    def end_schedule(self) -> None:
        """Make no further attempt, unless one is asked for."""
        self.status = "failed" if self.status == "pending" else self.status
        self.next_attempt_at = self.due_at = self.lease = None
        self.waiting = False

    def give_up(self) -> None:
        """Make no further attempt, also if one was asked for."""
        self.end_schedule()
        self.asked_done = self.asked

    def _is_due(self, now: datetime) -> bool:
        return self.status == "pending" and self.next_attempt_at is not None and self.next_attempt_at <= now


def waiting_at(partner: str, webhook_id: str) -> Partition:
    """Return where the deliveries lie that wait until their webhook has fewer attempts under way, oldest first."""
    return Partition("gsi3", f"{partner}#{webhook_id}#waiting")


def delivery_id(webhook_id: str, event_id: str, moment: datetime, replay_id: str = "") -> str:
    """Return the id of an event's delivery to a webhook, the same each time.

    It is a ULID of the moment, so that ids sort by their age; a replay makes a delivery of its own.
    """
    chance = hashlib.sha256(f"{webhook_id} {event_id} {replay_id}".encode()).digest()[:10]
    return f"{Delivery.PREFIX}_{ULID(round(moment.timestamp() * 1000).to_bytes(6, 'big') + chance)}"


def first_delivery_id(webhook_id: str, event_id: str) -> str:
    """Return the id of an event's delivery to a webhook that no replay made; of none if it is not an event's id."""
    moment = moment_of(event_id)
    return delivery_id(webhook_id, event_id, moment) if moment else ""


def delivered_again(webhook_id: str, event_id: str) -> str:
    """Return the name of the list of an event's further deliveries to a webhook: examples, and those of replays."""
    return f"{webhook_id}#{event_id}"


SHOWN = {"id", "event_id", "event_type", "status", "created_at", "delivered_at", "next_attempt_at", "attempts"}


def show_delivery(delivery: Delivery) -> dict[str, Any]:
    """Return the resource of contract §8."""
    webhook = f"/webhooks/{delivery.webhook_id}"
    path = f"{webhook}/deliveries/{delivery.id}"
    links = {"self": link(path), "webhook": link(webhook), "retry": link(f"{path}/retry")}
    shown = delivery.model_dump(mode="json", include=SHOWN, exclude_none=True)
    if delivery.test:
        return shown | {"test": True, "_links": links}
    return shown | {"_links": links | {"event": link(f"/events/{delivery.event_id}")}}
