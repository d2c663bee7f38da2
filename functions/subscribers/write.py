"""``POST /subscribers`` and ``PATCH /subscribers/{id}`` (contract §4)."""

from typing import Any

from functions.accounts.account import Account
from functions.shared import clock
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.merge import patched
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.shapes import Id, Shape
from functions.subscribers.search import email_key
from functions.subscribers.subscriber import Subscriber, SubscriberContent, show_subscriber


class SubscriberEdit(SubscriberContent, Shape):
    """What a PATCH can change; the account cannot change."""


class NewSubscriber(SubscriberEdit):
    """A subscriber and its account."""

    account_id: Id


@refuses(Code.NOT_FOUND)
def create_subscriber(request: Request, body: NewSubscriber) -> Response:
    """Create a subscriber. Raise a 400 ``not_found`` if this partner does not have the account."""
    if request.read({Account: [body.account_id]}).get(Account, body.account_id) is None:
        raise invalid(Fault(Code.NOT_FOUND, "This account does not exist.", "$.account_id"))
    now = clock.now()
    new = {"id": new_id(Subscriber.PREFIX), "partner": request.partner, "created_at": now, "updated_at": now}
    subscriber = Subscriber.model_validate(body.model_dump(mode="json") | new)
    subscriber.email_key = email_key(request.partner, subscriber.email)
    return request.create(subscriber, show_subscriber)


def edit_subscriber(request: Request, body: dict[str, Any]) -> Response:
    """Change the subscriber; nested objects are merged, ``identifications`` are replaced as a whole.

    Raise a 404 if this partner does not have it, a 400 for what :class:`SubscriberEdit` does not allow.
    """
    subscriber = request.find(Subscriber)
    edited = patched(subscriber, SubscriberEdit, body)
    edited.email_key = email_key(request.partner, edited.email)
    return request.update(subscriber, edited, show_subscriber)


handler = door(__name__)
