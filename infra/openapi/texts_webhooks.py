"""What the description says of webhooks and their deliveries (contract §8)."""

from infra.openapi.texts import Text

TAG = "Webhooks"
WEBHOOKS = {
    "GET /webhooks": Text(
        "list_webhooks", TAG, "List webhooks", "All of them, newest first. There are at most 40.", "WebhookList"
    ),
    "POST /webhooks": Text(
        "create_webhook",
        TAG,
        "Create a webhook",
        "Events that are made from now on are sent to its URL: https, to public addresses. The answer shows the secret "
        "that signs them; it is never shown again, except to a repeated request with the same `Idempotency-Key`.",
        "WebhookWithSecret",
        201,
    ),
    "GET /webhooks/{webhook_id}": Text(
        "get_webhook", TAG, "Get a webhook", "Where events are sent, and how that works out.", "Webhook"
    ),
    "PATCH /webhooks/{webhook_id}": Text(
        "update_webhook",
        TAG,
        "Update a webhook",
        "Changes hold from the next attempt on, also for waiting deliveries; `enabled_events` decide when an event is "
        "made. `basic_auth` is replaced as a whole. Disabling ends waiting deliveries as `failed`; a webhook that is "
        "enabled again gets the events that are made from then on.",
        "Webhook",
    ),
    "DELETE /webhooks/{webhook_id}": Text(
        "delete_webhook", TAG, "Delete a webhook", "Its deliveries are not found from then on.", "Nothing", 204
    ),
    "POST /webhooks/{webhook_id}/rotate-signing-secret": Text(
        "rotate_signing_secret",
        TAG,
        "Rotate the signing secret",
        "Makes a new secret. The one that it replaces goes on signing for 24 hours, beside it, so that receivers have "
        "time to change. At most 5 secrets sign at a time.",
        "WebhookWithSecret",
    ),
    "POST /webhooks/{webhook_id}/test": Text(
        "test_webhook",
        TAG,
        "Test a webhook",
        "Sends an example of an event once, also to a disabled webhook, and answers with the delivery. Without `type` "
        "it is `order.completed`. It is not in the log, and its failure is not counted.",
        "Delivery",
    ),
    "POST /webhooks/{webhook_id}/replay": Text(
        "replay_events",
        TAG,
        "Send events again",
        "Makes new deliveries of the events from `since` (included) to `until` (not included; without it, now) that "
        "the webhook takes, at most 10,000. They are sent in the background, behind what is new. A `since` of more "
        "than 90 days ago means 90 days ago.",
        "Replay",
        202,
    ),
    "GET /webhooks/{webhook_id}/deliveries": Text(
        "list_deliveries",
        TAG,
        "List the deliveries of a webhook",
        "Newest first, with all attempts. Deliveries are kept for 30 days.",
        "Delivery deliveries",
    ),
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": Text(
        "get_delivery", TAG, "Get a delivery", "An event on its way to the webhook, with all attempts.", "Delivery"
    ),
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry": Text(
        "retry_delivery",
        TAG,
        "Retry a delivery",
        "Makes one attempt more, at once, beside the schedule: success makes it `delivered`, failure changes nothing. "
        "A delivery takes at most 50 attempts.",
        "Delivery",
        202,
    ),
}
