"""Accounts and subscribers that a test makes, as a partner makes them."""

from typing import Any

from tests.support.client import Client

BERLIN = {"line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}
PERSONAL: dict[str, Any] = {
    "type": "personal",
    "owner": {"first_name": "Ada", "last_name": "Lovelace", "address": BERLIN},
}
BUSINESS: dict[str, Any] = {"type": "business", "company_name": "Acme GmbH", "tax_id": "DE1", "address": BERLIN}
PERSON: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "address": BERLIN,
}


def open_account(client: Client, body: dict[str, Any] = PERSONAL, **fields: Any) -> dict[str, Any]:
    """A new account, a personal one unless told otherwise."""
    return _made(client, "/accounts", body | fields)


def add_subscriber(client: Client, account_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A new subscriber, of a new account unless it is told of one."""
    account = account_id or open_account(client)["id"]
    return _made(client, "/subscribers", PERSON | {"account_id": account} | fields)


def _made(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, body)
    assert answer.status == 201, answer.json()
    assert answer.headers["Location"] == answer.json()["_links"]["self"]["href"]
    return dict(answer.json())
