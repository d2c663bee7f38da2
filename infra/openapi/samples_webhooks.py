"""Examples of webhooks and their deliveries."""

from datetime import UTC, datetime
from typing import Any

from functions.shared.links import link
from functions.shared.sealed import Sealed
from functions.webhooks.delivery import Attempt, Delivery, show_delivery
from functions.webhooks.webhook import SigningSecret, Webhook, show_webhook

CREATED = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SENT_AT = datetime(2026, 3, 10, 9, 30, 4, 300_000, tzinfo=UTC)
SECRET = "c2VjcmV0cy1hcmUtMzItcmFuZG9tLWJ5dGVzLWxvbmc="  # noqa: S105 - an example
URL = "https://shop.example.com/events"


def samples(webhook_id: str, delivery_id: str, event_id: str) -> dict[str, Any]:
    """Return an example of each resource by the name of its schema."""
    sealed = Sealed.model_construct(sealed=b"", data_key=b"")
    secret = SigningSecret.model_construct(version=1, sealed=sealed)
    common: dict[str, Any] = {"partner": "example", "created_at": CREATED}
    webhook = Webhook.model_construct(
        id=webhook_id, url=URL, enabled_events=["order.*"], enabled_at=CREATED, secrets=[secret], **common
    )
    attempt = Attempt(number=1, at=SENT_AT, duration_ms=112, status_code=204, response_body="")
    delivery = Delivery(
        id=delivery_id,
        partner="example",
        created_at=SENT_AT,
        webhook_id=webhook_id,
        event_id=event_id,
        event_type="order.completed",
        status="delivered",
        attempts=[attempt],
        delivered_at=SENT_AT,
        ttl=0,
    )
    shown = show_webhook(webhook)
    webhook.failing_since = CREATED
    webhook.disable("failing")
    return {
        "Webhook": shown,
        "WebhookWithSecret": shown | {"signing_secret": SECRET},
        "WebhookList": {"_embedded": {"webhooks": [shown]}, "_links": {"self": link("/webhooks")}},
        "Disabled": show_webhook(webhook),
        "Delivery": show_delivery(delivery),
        "Replay": {"deliveries": 1250},
    }


SENT: dict[str, Any] = {
    "create_webhook": {"url": URL, "enabled_events": ["order.*"]},
    "update_webhook": {"enabled_events": ["order.*", "product.renewed"], "description": None},
    "rotate_signing_secret": {},
    "test_webhook": {"type": "order.completed"},
    "replay_events": {"since": "2026-03-09T00:00:00Z", "until": "2026-03-10T00:00:00Z"},
    "retry_delivery": {},
}
"""Operation → the body of a request."""
