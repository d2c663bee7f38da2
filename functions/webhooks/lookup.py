"""The delivery that a path names."""

from functions.shared import clock
from functions.shared.http import Request
from functions.shared.request import existing
from functions.webhooks.delivery import Delivery
from functions.webhooks.webhook import Webhook


def find_delivery(request: Request) -> tuple[Webhook, Delivery]:
    """Return the delivery and its webhook. Raise a 404 if this partner does not have them, or it is no longer kept."""
    webhook_id, delivery_id = request.params["webhook_id"], request.params["delivery_id"]
    found = request.read({Webhook: [webhook_id], Delivery: [delivery_id]})
    webhook = existing(Webhook, found.get(Webhook, webhook_id))
    delivery = found.get(Delivery, delivery_id)
    mine = delivery is not None and delivery.webhook_id == webhook.id and delivery.is_kept(clock.now())
    return webhook, existing(Delivery, delivery if mine else None).seen_with(webhook)
