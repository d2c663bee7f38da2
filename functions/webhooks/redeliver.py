"""``POST …/deliveries/{id}/retry`` and ``POST /webhooks/{id}/replay`` (contract §8, deliveries).

Both only write what is wanted: the stream sees it, and the sending goes on in the background.
"""

from datetime import datetime

from pydantic import ValidationInfo, field_validator

from functions.shared import log
from functions.shared.event import EVENTS_KEPT
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.moments import RequestInstant
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction
from functions.webhooks.delivery import DELIVERIES_KEPT, MAX_ATTEMPTS, show_delivery
from functions.webhooks.lookup import find_delivery
from functions.webhooks.replay import FIRST_LOOK, MAX_EVENTS, Replay
from functions.webhooks.webhook import Webhook


class RetryDelivery(Shape):
    """No members."""


class NewReplay(Shape):
    """A time whose events are sent again: ``since`` is included, ``until`` is not."""

    since: RequestInstant
    until: RequestInstant | None = None

    @field_validator("until")
    @classmethod
    def _is_later(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if until and since and until <= since:
            raise ValueError("must be later than since")
        return until


@refuses(Code.INVALID_STATE)
def retry(request: Request, body: RetryDelivery) -> Response:
    """Ask for one attempt more, at once.

    Raise a 404 if this partner does not have the delivery, a 400 ``invalid_state`` if its webhook is disabled, if it is
    a test, or if it has had all attempts that it can have.
    """
    webhook, delivery = find_delivery(request)
    _check_enabled(webhook)
    if delivery.test:
        raise invalid(Fault(Code.INVALID_STATE, "A test is tried only once; send another test."))
    if delivery.attempts_begun >= MAX_ATTEMPTS:
        raise invalid(Fault(Code.INVALID_STATE, f"A delivery takes at most {MAX_ATTEMPTS} attempts."))
    change = Transaction()
    delivery.ask(change.at)
    change.update(delivery)
    return request.commit(change, Response(202, show_delivery(delivery)))


@refuses(Code.INVALID_STATE, Code.TOO_LARGE)
def replay(request: Request, body: NewReplay) -> Response:
    """Send the events of a time again, those of the types that the webhook takes now.

    Raise a 404 if this partner does not have the webhook, a 400 ``invalid_state`` if it is disabled, ``too_large`` if
    these are more events than a replay takes.
    """
    webhook = request.find(Webhook)
    _check_enabled(webhook)
    change = Transaction()
    since, until = max(body.since, change.at - EVENTS_KEPT), min(body.until or change.at, change.at)
    count = log.count(request.partner, log.since(since, until), webhook.enabled_events, at_most=MAX_EVENTS)
    if count is None:
        detail = f"A replay takes at most {MAX_EVENTS:,} events, out of not many more; choose a shorter time."
        raise invalid(Fault(Code.TOO_LARGE, detail, "$.since"))
    if count:
        new = Replay(
            id=new_id(Replay.PREFIX),
            partner=request.partner,
            created_at=change.at,
            webhook_id=webhook.id,
            since=since,
            until=until,
            types=webhook.enabled_events,
            due_at=change.at + FIRST_LOOK,
            ttl=int((change.at + DELIVERIES_KEPT).timestamp()),
        )
        change.create(new)
    return request.commit(change, Response(202, {"deliveries": count}))


def _check_enabled(webhook: Webhook) -> None:
    if webhook.status == "disabled":
        raise invalid(Fault(Code.INVALID_STATE, "The webhook is disabled.", "$.status"))


handler = door(__name__)
