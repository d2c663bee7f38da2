"""``GET /accounts`` and ``GET /accounts/{id}``."""

from functions.accounts.account import Account, show_account
from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page


def list_accounts(request: Request, query: ListQuery) -> Response:
    """The partner's accounts, newest first."""
    return page(request, query, Listing(Account, show_account))


def get_account(request: Request) -> Response:
    """The account. Raises a 404 for one that this partner does not have."""
    return Response(200, show_account(request.find(Account)))


handler = door(__name__)
