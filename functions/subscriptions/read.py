"""``GET /subscriptions`` and ``GET /subscriptions/{id}``."""

from pydantic import Field

from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition
from functions.subscriptions.subscription import Subscription, SubscriptionStatus, show_subscription


class SubscriptionFilters(ListQuery):
    """The filters of the list; they combine with "and"."""

    status: SubscriptionStatus | None = None
    account_id: str | None = Field(default=None, alias="account-id")
    subscriber_id: str | None = Field(default=None, alias="subscriber-id")

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


handler = door(__name__)
