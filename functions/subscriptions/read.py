"""``GET /subscriptions``, ``GET /phone-numbers`` and one of each (contract §5)."""

from pydantic import Field

from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.shapes import Id
from functions.subscriptions.phone_number import PhoneNumber, PhoneNumberStatus, show_phone_number
from functions.subscriptions.subscription import Subscription, SubscriptionStatus, show_subscription


class SubscriptionFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: SubscriptionStatus | None = None
    account_id: Id | None = Field(default=None, alias="account-id")
    subscriber_id: Id | None = Field(default=None, alias="subscriber-id")


def list_subscriptions(request: Request, query: SubscriptionFilters) -> Response:
    """List the partner's subscriptions, newest first."""
    return page(request, query, Listing(Subscription, show_subscription))


def get_subscription(request: Request) -> Response:
    """Return the subscription. Raise a 404 if this partner does not have it."""
    return Response(200, show_subscription(request.find(Subscription)))


class PhoneNumberFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: PhoneNumberStatus | None = None
    subscription_id: Id | None = Field(default=None, alias="subscription-id")


def list_phone_numbers(request: Request, query: PhoneNumberFilters) -> Response:
    """List the partner's phone numbers, newest first."""
    return page(request, query, Listing(PhoneNumber, show_phone_number))


def get_phone_number(request: Request) -> Response:
    """Return the phone number. Raise a 404 if this partner does not have it."""
    return Response(200, show_phone_number(request.find(PhoneNumber)))


handler = door(__name__)
