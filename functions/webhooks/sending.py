"""One attempt: what is sent to a webhook, and what came of it (contract §8, sending)."""

import base64
import json
from datetime import timedelta

from functions.shared import clock
from functions.shared.event import Event, show_event
from functions.webhooks import secrets
from functions.webhooks.delivery import Attempt
from functions.webhooks.post import post
from functions.webhooks.reach import ReachSettings
from functions.webhooks.signature import sign
from functions.webhooks.webhook import Webhook

HEADERS = {"Content-Type": "application/hal+json", "User-Agent": "mobile-orders-webhooks"}


def attempt(webhook: Webhook, event: Event, number: int) -> tuple[Attempt, timedelta]:
    """Send the event once; return the attempt and the pause that the endpoint asks for."""
    body = json.dumps(show_event(event), ensure_ascii=False, separators=(",", ":")).encode()
    at = clock.now()
    outcome = post(
        webhook.url,
        _headers(webhook, event.id, body),
        body,
        allow_private=ReachSettings.load().allow_private_webhooks,
    )
    made = Attempt(
        number=number,
        at=at,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        error=outcome.error,
        response_body=outcome.response_body,
    )
    return made, timedelta(seconds=outcome.retry_after or 0)


def _headers(webhook: Webhook, event_id: str, body: bytes) -> dict[str, str]:
    """Return the headers. Receivers hold the timestamp against their own clocks, so it is that of the machine."""
    timestamp = int(clock.machine_time().timestamp())
    signed = sign(secrets.signing_secrets(webhook, clock.now()), event_id, timestamp, body)
    password = secrets.basic_auth_of(webhook)
    basic = {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}"} if password else {}
    return HEADERS | signed | basic
