"""What a webhook has in the table, and which secrets sign."""

from datetime import timedelta
from typing import Any

from functions.shared import table
from functions.webhooks.secrets import signing_secrets
from functions.webhooks.webhook import Webhook
from tests.support.builders import PARTNER
from tests.support.endpoints import Endpoints

HOUR = timedelta(hours=1)
SHOWN = {
    *("id", "url", "enabled_events", "status", "api_version", "signature_algorithm", "key_version", "created_at"),
    "_links",
}


def stored(webhook: str) -> Webhook:
    found = table.read(Webhook, PARTNER, webhook)
    assert found is not None
    return found


def signing(endpoints: Endpoints, webhook: str) -> list[str]:
    """The secrets that sign now, as the sender sees them."""
    return list(signing_secrets(stored(webhook), endpoints.world.now))


def rotated(endpoints: Endpoints, webhook: str, key: str = "") -> Any:
    return endpoints.ask("POST", f"/webhooks/{webhook}/rotate-signing-secret", key=key)
