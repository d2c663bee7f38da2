"""``GET /accounts`` and ``GET /accounts/{id}``."""

from functions.accounts.account import Account, show_account
from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.lists import Listing, ListQuery, page
from functions.shared.records import Partition
from functions.shared.refusals import not_found


def list_accounts(request: Request, query: ListQuery) -> Response:
    """The partner's accounts, newest first."""
    partition = Partition("gsi1", f"{request.partner}#accounts")
    return page(request, query, Listing(Account, partition, "accounts", show_account))


def get_account(request: Request) -> Response:
    """The account. Raises a 404 for one that this partner does not have."""
    account = table.read(Account, request.partner, request.params["account_id"])
    if account is None:
        raise not_found("account")
    return Response(200, show_account(account))


handler = door(__name__)
