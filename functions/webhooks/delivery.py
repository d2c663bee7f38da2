"""Deliveries: an event on its way to one webhook, with every attempt (contract §8, deliveries)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field
from ulid import ULID

from functions.shared.clock import Instant
from functions.shared.links import link
from functions.shared.records import ListedBy, Record

DELIVERIES_KEPT = timedelta(days=30)
MAX_ATTEMPTS = 50

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


class Delivery(Record):
    """An event that is sent to a webhook; ``created_at`` is when the delivery was made."""

    KIND = "delivery"
    PREFIX = "dlv"
    PLURAL = "deliveries"
    LISTS: ClassVar = (ListedBy("gsi2", "event_and_webhook"), ListedBy("gsi1", "webhook_id"))

    webhook_id: str
    event_id: str
    event_type: str
    status: Literal["pending", "delivered", "failed"] = "pending"
    test: bool = False
    attempts: list[Attempt] = Field(default_factory=list)
    delivered_at: Instant | None = None
    next_attempt_at: Instant | None = None
    ttl: int

    @property
    def event_and_webhook(self) -> str:
        """The event at the webhook, for lists: a replay makes one more delivery of it."""
        return f"{self.webhook_id}#{self.event_id}"

    def item(self) -> dict[str, Any]:
        """Return what is stored; the table deletes it by ``ttl``."""
        return super().item() | {"ttl": self.ttl}


def delivery_id(webhook_id: str, event_id: str, moment: datetime, replay_id: str = "") -> str:
    """Return the id of an event's delivery to a webhook, the same each time.

    It is a ULID of the moment, so that ids sort by their age; a replay makes a delivery of its own.
    """
    chance = hashlib.sha256(f"{webhook_id} {event_id} {replay_id}".encode()).digest()[:10]
    return f"{Delivery.PREFIX}_{ULID(round(moment.timestamp() * 1000).to_bytes(6, 'big') + chance)}"


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
