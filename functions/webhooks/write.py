"""``POST /webhooks``, ``PATCH`` and ``DELETE /webhooks/{id}``, and new signing secrets (contract §8, endpoints)."""

from collections.abc import Iterator
from typing import Any

from functions.shared import clock
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.merge import patched_members
from functions.shared.records import Found, Key, Record
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.request import existing
from functions.shared.sealed_answers import shows_secret
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction
from functions.webhooks.delivery import DELIVERIES_KEPT
from functions.webhooks.disabling import disable
from functions.webhooks.reach import ReachSettings
from functions.webhooks.requests import NewWebhook, WebhookEdit
from functions.webhooks.secrets import new_secrets, sealed_basic_auth
from functions.webhooks.urls import check_url
from functions.webhooks.webhook import MAX_SIGNING_SECRETS, MAX_WEBHOOKS, Webhook, deleted_webhooks_of, show_webhook

WRITE_ONLY = frozenset({"basic_auth"})


class WebhookCount(Record):
    """How many webhooks a partner has. Each new one writes it too, so that of two at once one comes second."""

    KIND = "webhook_count"
    PREFIX = "webhook-count"

    count: int = 0


class RotateSigningSecret(Shape):
    """No members."""


@shows_secret
@refuses(Code.TOO_MANY_WEBHOOKS)
def create_webhook(request: Request, body: NewWebhook) -> Response:
    """Create a webhook. Raise a 400 if it leads where it may not, or ``too_many_webhooks`` if there are 40."""
    change = Transaction()
    count = _count(request, request.read({WebhookCount: [WebhookCount.PREFIX]}))
    if faults := [*_reach_faults(body.url), *_number_faults(count)]:
        raise invalid(*faults)
    webhook_id = new_id(Webhook.PREFIX)
    basic_auth = body.basic_auth.joined() if body.basic_auth else None
    made = new_secrets(request.partner, webhook_id, 1, basic_auth)
    webhook = Webhook(
        id=webhook_id,
        partner=request.partner,
        created_at=change.at,
        enabled_at=change.at,
        url=body.url,
        description=body.description,
        enabled_events=body.enabled_events,
        secrets=[made.signing],
        basic_auth=made.basic_auth,
    )
    count.count += 1
    change.put(count)
    change.create(webhook)
    shown = show_webhook(webhook)
    headers = {"Location": shown["_links"]["self"]["href"]}
    return request.commit(change, Response(201, shown | {"signing_secret": made.shown}, headers))


@shows_secret
@refuses(Code.INVALID_STATE)
def rotate_signing_secret(request: Request, body: RotateSigningSecret) -> Response:
    """Replace the signing secret; the old one signs for 24 hours more.

    Raise a 404 if this partner does not have the webhook, a 400 ``invalid_state`` if too many secrets would sign.
    """
    webhook = request.find(Webhook)
    change = Transaction()
    signing = webhook.signing(change.at)
    if len(signing) >= MAX_SIGNING_SECRETS:
        detail = f"{MAX_SIGNING_SECRETS} secrets sign already; each stops 24 hours after it was replaced."
        raise invalid(Fault(Code.INVALID_STATE, detail))
    newest, *older = signing
    made = new_secrets(request.partner, webhook.id, newest.version + 1)
    webhook.secrets = [made.signing, newest.model_copy(update={"replaced_at": change.at}), *older]
    change.update(webhook)
    return request.commit(change, Response(200, show_webhook(webhook) | {"signing_secret": made.shown}))


def edit_webhook(request: Request, body: dict[str, Any]) -> Response:
    """Change the webhook. Raise a 404 if this partner does not have it, a 400 for what it must not become."""
    before = request.find(Webhook)
    members = patched_members(before, WebhookEdit, body, WRITE_ONLY)
    if members.get("url", before.url) != before.url and (faults := [*_reach_faults(members["url"])]):
        raise invalid(*faults)
    if basic_auth := members.get("basic_auth"):
        members["basic_auth"] = sealed_basic_auth(request.partner, before.id, basic_auth.joined())
    status = members.pop("status", before.status)
    after = before.model_copy(update=members)
    change = Transaction()
    if status == "disabled" != before.status:
        disable(change, after, "partner")
    elif status == "enabled" != before.status:
        after.enable(change.at)
        change.update(after)
    elif after != before:
        change.update(after)
    return request.commit(change, Response(200, show_webhook(after)))


def delete_webhook(request: Request) -> Response:
    """Delete the webhook; its deliveries are not found from now on. Raise a 404 if this partner does not have it."""
    change = Transaction()
    webhook_id = request.params["webhook_id"]
    found = request.read({Webhook: [webhook_id], WebhookCount: [WebhookCount.PREFIX]})
    webhook, count = existing(Webhook, found.get(Webhook, webhook_id)), _count(request, found)
    count.count -= 1
    change.put(count)
    change.delete(webhook)
    deliveries_end = int((change.at + DELIVERIES_KEPT).timestamp())
    change.claim(Key(deleted_webhooks_of(request.partner).pk, webhook.id), {"ttl": deliveries_end})
    return request.commit(change, Response(204, None))


def _count(request: Request, found: Found) -> WebhookCount:
    new = {"id": WebhookCount.PREFIX, "partner": request.partner, "created_at": clock.now()}
    return found.get(WebhookCount, WebhookCount.PREFIX) or WebhookCount.model_validate(new)


def _number_faults(count: WebhookCount) -> Iterator[Fault]:
    if count.count >= MAX_WEBHOOKS:
        detail = f"There are {MAX_WEBHOOKS} webhooks already, which is the most."
        yield Fault(Code.TOO_MANY_WEBHOOKS, detail)


def _reach_faults(url: str) -> Iterator[Fault]:
    """Yield what is wrong with where the URL leads, as far as its name resolves now."""
    try:
        check_url(url, allow_private=ReachSettings.load().allow_private_webhooks)
    except ValueError as wrong:
        yield Fault(Code.CONSTRAINT_VALIDATION_ERROR, f"This {wrong}.", "$.url")


handler = door(__name__)
