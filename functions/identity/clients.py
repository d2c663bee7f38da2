"""The partner of each client of the identity provider."""

from functions.shared.dynamodb import Conflict
from functions.shared.records import Key
from functions.shared.table import get_item
from functions.shared.transaction import Transaction


def client_key(client_id: str) -> Key:
    """Return the key of the item with the client's partner and API key."""
    return Key(f"client#{client_id}", "client")


def register(client_id: str, partner: str, api_key: str | None = None) -> None:
    """Register the client for the partner. Raise :class:`Conflict` if it is registered with other data."""
    attributes = {"partner": partner} | ({"api_key": api_key} if api_key else {})
    change = Transaction()
    change.claim(client_key(client_id), attributes)
    try:
        change.commit()
    except Conflict:
        if get_item(client_key(client_id)) != client_key(client_id)._asdict() | attributes:
            raise
