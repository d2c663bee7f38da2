"""``GET /subscriptions``, ``GET /phone-numbers`` and one of each (contract §5)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.lists import Filter, Listing, ListQuery, page
from functions.shared.shapes import Form, Id
from functions.subscriptions.phone_number import PhoneNumber, PhoneNumberStatus, show_phone_number
from functions.subscriptions.search import entry_key, holders
from functions.subscriptions.subscription import Subscription, SubscriptionStatus, show_subscription

BY_ENTRY = Filter("id", lambda _id, _asked: True)
"""A filter that the list's entries decide: the subscription itself no longer shows the SIMs and numbers it had."""
MSISDN = "must be a phone number of 7 to 15 digits like +4915112345678, with or without its +"


def _digits(msisdn: str) -> str:
    """Return the number without its ``+``, which arrives as a space if it is not encoded."""
    return msisdn.lstrip("+ ")


class SubscriptionFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: SubscriptionStatus | None = None
    account_id: Id | None = Field(default=None, alias="account-id")
    subscriber_id: Id | None = Field(default=None, alias="subscriber-id")
    iccid: Annotated[Annotated[str, Form(r"^[0-9]{19}$", "must be 19 digits")] | None, BY_ENTRY] = None
    msisdn: Annotated[
        Annotated[str, Form(r"^[+ ]?[1-9][0-9]{6,14}$", MSISDN), AfterValidator(_digits)] | None, BY_ENTRY
    ] = None


def list_subscriptions(request: Request, query: SubscriptionFilters) -> Response:
    """List the partner's subscriptions, newest first; by a SIM or number also those that once had it.

    A SIM is linked to one subscription at most, so its list is the narrowest, and the other is looked up beside it.
    """
    lists = [holders(request.partner, "iccid", query.iccid)] if query.iccid else []
    lists += [holders(request.partner, "msisdn", query.msisdn)] if query.msisdn else []
    narrowest, others = next(iter(lists), None), lists[1:]

    def is_in_others(subscription: Subscription) -> bool:
        return all(table.get_item(entry_key(other, subscription)) for other in others)

    return page(request, query, Listing(Subscription, show_subscription, narrowest, is_in_others))


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
