"""``GET /webhooks``, ``/webhooks/{id}`` and their deliveries (contract §8, endpoints and deliveries)."""

from typing import Annotated, Literal

from pydantic import Field

from functions.shared import clock, table
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.request import existing
from functions.shared.shapes import Id
from functions.webhooks.delivery import Delivery, delivered_again, first_delivery_id, show_delivery
from functions.webhooks.lookup import find_delivery
from functions.webhooks.webhook import MAX_WEBHOOKS, Webhook, show_webhook, webhooks_of


class DeliveryFilters(ListQuery):
    """The filters of a webhook's deliveries."""

    status: Literal["pending", "delivered", "failed"] | None = None
    event_id: Annotated[Id | None, Field(alias="event-id")] = None


def list_webhooks(request: Request) -> Response:
    """Return all webhooks of the partner, the newest first."""
    items, _ = table.keys_in(webhooks_of(request.partner), limit=MAX_WEBHOOKS)
    webhooks = sorted(map(Webhook.from_item, items), key=Webhook.sort_key, reverse=True)
    shown = [show_webhook(webhook) for webhook in webhooks]
    return Response(200, {"_embedded": {Webhook.PLURAL: shown}, "_links": {"self": link(request.path)}})


def get_webhook(request: Request) -> Response:
    """Return the webhook. Raise a 404 if this partner does not have it."""
    return Response(200, show_webhook(request.find(Webhook)))


def list_deliveries(request: Request, query: DeliveryFilters) -> Response:
    """Return a page of the webhook's deliveries. Raise a 404 if this partner does not have the webhook."""
    webhook_id = request.params["webhook_id"]
    first_id = first_delivery_id(webhook_id, query.event_id or "")
    found = request.read({Webhook: [webhook_id], Delivery: filter(None, [first_id])})
    webhook, first = existing(Webhook, found.get(Webhook, webhook_id)), found.get(Delivery, first_id)
    members = {"webhook_id": webhook.id}
    if query.event_id:
        members["again"] = delivered_again(webhook.id, query.event_id)
    now = clock.now()
    listing = Listing(
        Delivery,
        show_delivery,
        partition=Delivery.partition(request.partner, members),
        beside=[first.sort_key()] if first else [],
        keep=lambda delivery: delivery.is_kept(now),
        as_it_is=lambda delivery: delivery.seen_with(webhook),
    )
    return page(request, query, listing)


def get_delivery(request: Request) -> Response:
    """Return the delivery with its attempts. Raise a 404 if this partner does not have it, or it is no longer kept."""
    _, delivery = find_delivery(request)
    return Response(200, show_delivery(delivery))


handler = door(__name__)
