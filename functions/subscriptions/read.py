"""``GET /subscriptions``, ``GET /phone-numbers`` and one of each (contract §5)."""

from pydantic import Field

from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition
from functions.shared.shapes import Id
from functions.subscriptions.phone_number import PhoneNumber, PhoneNumberStatus, show_phone_number
from functions.subscriptions.subscription import Subscription, SubscriptionStatus, show_subscription


class SubscriptionFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: SubscriptionStatus | None = None
    account_id: Id | None = Field(default=None, alias="account-id")
    subscriber_id: Id | None = Field(default=None, alias="subscriber-id")

    def keeps(self, subscription: Subscription) -> bool:
        """Whether the subscription passes every filter."""
        return (
            self.status in {None, subscription.status}
            and self.account_id in {None, subscription.account_id}
            and self.subscriber_id in {None, subscription.subscriber_id}
        )


def list_subscriptions(request: Request, query: SubscriptionFilters) -> Response:
    """The partner's subscriptions, newest first."""
    if query.subscriber_id is not None:
        partition = Partition("gsi2", f"{request.partner}#{query.subscriber_id}#subscriptions")
    elif query.account_id is not None:
        partition = Partition("gsi3", f"{request.partner}#{query.account_id}#subscriptions")
    else:
        partition = Partition("gsi1", f"{request.partner}#subscriptions")
    return page(request, query, Listing(Subscription, partition, "subscriptions", show_subscription, keep=query.keeps))


def get_subscription(request: Request) -> Response:
    """The subscription. Raises a 404 for one that this partner does not have."""
    return Response(200, show_subscription(request.find(Subscription)))


class PhoneNumberFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: PhoneNumberStatus | None = None
    subscription_id: Id | None = Field(default=None, alias="subscription-id")

    def keeps(self, number: PhoneNumber) -> bool:
        """Whether the number passes every filter."""
        return self.status in {None, number.status} and self.subscription_id in {None, number.subscription_id}


def list_phone_numbers(request: Request, query: PhoneNumberFilters) -> Response:
    """The partner's phone numbers, newest first."""
    if query.subscription_id is not None:
        partition = Partition("gsi2", f"{request.partner}#{query.subscription_id}#phone_numbers")
    else:
        partition = Partition("gsi1", f"{request.partner}#phone_numbers")
    return page(request, query, Listing(PhoneNumber, partition, "phone_numbers", show_phone_number, query.keeps))


def get_phone_number(request: Request) -> Response:
    """The phone number. Raises a 404 for one that this partner does not have."""
    return Response(200, show_phone_number(request.find(PhoneNumber)))


handler = door(__name__)
