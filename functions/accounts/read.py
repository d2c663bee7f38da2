"""``GET /accounts`` and ``GET /accounts/{id}``."""

from functions.accounts.account import Account, show_account
from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page


def list_accounts(request: Request, query: ListQuery) -> Response:
    """List the partner's accounts, newest first."""
    return page(request, query, Listing(Account, show_account))


def get_account(request: Request) -> Response:
    """Return the account. Raise a 404 if this partner does not have it."""
    return Response(200, show_account(request.find(Account)))


handler = door(__name__)
