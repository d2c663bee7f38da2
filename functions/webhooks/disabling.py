"""Disabling a webhook, by its partner or because it has failed for five days (contract §8, sending)."""

from datetime import datetime
from typing import Literal

from functions.shared import table
from functions.shared.transaction import Transaction
from functions.webhooks.webhook import Webhook, show_webhook

DISABLED = "webhook.disabled"


def disable(change: Transaction, webhook: Webhook, reason: Literal["failing", "partner"]) -> None:
    """Disable it, and notify the partner's other webhooks. Its waiting deliveries end as they come up."""
    webhook.disable(reason)
    change.update(webhook)
    change.publish(webhook, DISABLED, {"webhook": show_webhook(webhook)})


def when_due(partner: str, webhook_id: str, now: datetime) -> None:
    """Disable a webhook that has failed for five days by now."""
    webhook = table.read(Webhook, partner, webhook_id)
    if webhook is not None and webhook.due_at is not None and webhook.due_at <= now:
        change = Transaction(now)
        disable(change, webhook, "failing")
        change.commit()
