"""``GET /subscribers`` and ``GET /subscribers/{id}``."""

from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition
from functions.subscribers.subscriber import Subscriber, show_subscriber


def list_subscribers(request: Request, query: ListQuery) -> Response:
    """The partner's subscribers, newest first."""
    partition = Partition("gsi1", f"{request.partner}#subscribers")
    return page(request, query, Listing(Subscriber, partition, "subscribers", show_subscriber))


def get_subscriber(request: Request) -> Response:
    """The subscriber. Raises a 404 for one that this partner does not have."""
    return Response(200, show_subscriber(request.find(Subscriber)))


handler = door(__name__)
