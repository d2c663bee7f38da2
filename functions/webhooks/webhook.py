"""Webhooks: where a partner wants its events to be sent (contract §8, endpoints)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from functions.shared.event import matches
from functions.shared.headers import API_VERSION
from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.records import Key, Partition, Record
from functions.shared.sealed import Sealed

MAX_WEBHOOKS = 40
WEBHOOKS = "webhooks"
"""What their partition is called."""
MAX_SIGNING_SECRETS = 5
"""How many secrets of a webhook sign at a time."""
SIGNS_ON = timedelta(hours=24)
"""How long a secret goes on signing after it was replaced."""
RESTS_AFTER = 20
"""Failed attempts in a row."""
DISABLED_AFTER = timedelta(days=5)
"""Of nothing but failure."""


class SigningSecret(BaseModel):
    """A secret that signs what is sent; the newest, and those that were replaced less than 24 hours ago."""

    version: int
    sealed: Sealed
    replaced_at: Instant | None = None

    def signs(self, now: datetime) -> bool:
        """Return whether it signs at this moment."""
        return self.replaced_at is None or now < self.replaced_at + SIGNS_ON


class Webhook(Record):
    """An endpoint of a partner.

    All of a partner's lie in one partition of the table, which is read consistently. It is due when it will have failed
    for five days.
    """

    KIND = "webhook"
    PREFIX = "wbh"
    PLURAL = "webhooks"

    url: str
    description: str | None = None
    enabled_events: list[str]
    status: Literal["enabled", "disabled"] = "enabled"
    disabled_reason: Literal["failing", "partner"] | None = None
    failing_since: Instant | None = None
    """Its first failed attempt since the last success."""
    failures: int = 0
    """How many attempts have failed since then; not counted further once it rests."""
    enabled_at: Instant
    """It gets the events that were made from this moment on."""
    secrets: list[SigningSecret]
    """Newest first."""
    basic_auth: Sealed | None = None
    """User name and password, as HTTP Basic sends them: joined by a colon."""

    @classmethod
    def key_of(cls, partner: str, record_id: str) -> Key:
        """Return where the partner's webhook with this id lies: beside its others."""
        return Key(webhooks_of(partner).pk, record_id)

    def item(self) -> dict[str, Any]:
        """Return what is stored; the stream is filtered by ``status``."""
        return super().item() | {"status": self.status}

    def takes(self, event_type: str) -> bool:
        """Return whether it is to be sent events of this type."""
        return any(matches(event_type, entry) for entry in self.enabled_events)

    def wants(self, event_type: str, created_at: datetime) -> bool:
        """Return whether an event of this type, made at this moment, is sent to it."""
        return self.status == "enabled" and created_at >= self.enabled_at and self.takes(event_type)

    @property
    def rests(self) -> bool:
        """Whether it has failed so often in a row that it is tried with one delivery at a time."""
        return self.failures >= RESTS_AFTER

    def record_attempt(self, at: datetime, *, succeeded: bool) -> bool:
        """Take an attempt that began at this moment into account; return whether that changes anything."""
        if succeeded:
            changed = self.failing_since is not None
            self._heal()
            return changed
        if self.rests or self.status == "disabled":
            return False
        self.failures += 1
        self.failing_since = self.failing_since or at
        self.due_at = self.failing_since + DISABLED_AFTER
        return True

    def disable(self, reason: Literal["failing", "partner"]) -> None:
        """Send it nothing more; what it failed with stays visible."""
        self.status, self.disabled_reason, self.due_at = "disabled", reason, None

    def enable(self, now: datetime) -> None:
        """Send it what happens from now on."""
        self.status, self.disabled_reason, self.enabled_at = "enabled", None, now
        self._heal()

    def _heal(self) -> None:
        self.failing_since, self.failures, self.due_at = None, 0, None

    def signing(self, now: datetime) -> Sequence[SigningSecret]:
        """Return the secrets that sign at this moment, newest first."""
        return [secret for secret in self.secrets if secret.signs(now)]


def webhooks_of(partner: str) -> Partition:
    """Return where the partner's webhooks lie, by their ids, and so by their age."""
    return Partition(None, f"{partner}#{WEBHOOKS}")


def deleted_webhooks_of(partner: str) -> Partition:
    """Return where the ids of the partner's deleted webhooks lie, as long as their deliveries do."""
    return Partition(None, f"{partner}#deleted-{WEBHOOKS}")


SHOWN = {"id", "url", "description", "enabled_events", "status", "disabled_reason", "failing_since"}
SHOWN |= {"created_at", "updated_at"}


def show_webhook(webhook: Webhook) -> dict[str, Any]:
    """Return the resource of contract §8; it shows no secret."""
    path = f"/webhooks/{webhook.id}"
    resting = {"resting": True} if webhook.rests and webhook.status == "enabled" else {}
    return webhook.model_dump(mode="json", include=SHOWN, exclude_none=True) | {
        **resting,
        "api_version": API_VERSION,
        "signature_algorithm": "hmac-sha256",
        "key_version": f"v{webhook.secrets[0].version}",
        "_links": {"self": link(path), "rotate-signing-secret": link(f"{path}/rotate-signing-secret")},
    }
