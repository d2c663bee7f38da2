"""Which partner a client of the identity provider belongs to."""

from functions.shared.dynamodb import Conflict
from functions.shared.records import Key
from functions.shared.table import get_item
from functions.shared.transaction import Transaction


def client_key(client_id: str) -> Key:
    """Where the client's partner and API key are kept."""
    return Key(f"client#{client_id}", "client")


def register(client_id: str, partner: str, api_key: str | None = None) -> None:
    """Give the client its partner. Raises :class:`Conflict` if it has another one; the same once more is fine."""
    attributes = {"partner": partner} | ({"api_key": api_key} if api_key else {})
    change = Transaction()
    change.claim(client_key(client_id), attributes)
    try:
        change.commit()
    except Conflict:
        if get_item(client_key(client_id)) != client_key(client_id)._asdict() | attributes:
            raise
