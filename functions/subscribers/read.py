"""``GET /subscribers`` and ``GET /subscribers/{id}``."""

from typing import Annotated

from pydantic import AfterValidator, Field

from functions.shared.http import Request, Response, door
from functions.shared.lists import Filter, Listing, ListQuery, page
from functions.shared.shapes import Id
from functions.subscribers.search import email_key
from functions.subscribers.subscriber import Subscriber, show_subscriber


class SubscriberFilters(ListQuery):
    """The filters of the list; ``email`` ignores case."""

    email: Annotated[
        Annotated[str, Field(min_length=1, max_length=254), AfterValidator(str.casefold)] | None,
        Filter("email_without_case"),
    ] = None
    account_id: Id | None = Field(default=None, alias="account-id")


def list_subscribers(request: Request, query: SubscriberFilters) -> Response:
    """List the partner's subscribers, newest first."""
    members = query.equal_members()
    if query.email is not None:
        members["email_key"] = email_key(request.partner, query.email)
    partition = Subscriber.partition(request.partner, members)
    return page(request, query, Listing(Subscriber, show_subscriber, partition))


def get_subscriber(request: Request) -> Response:
    """Return the subscriber. Raise a 404 if this partner does not have it."""
    return Response(200, show_subscriber(request.find(Subscriber)))


handler = door(__name__)
