"""The partner of each client of the identity provider."""

from functions.shared.records import Key
from functions.shared.transaction import Transaction

STANDARD = "standard"
"""The tier of a client that was registered without one."""


def client_key(client_id: str) -> Key:
    """Return the key of the item with the client's partner, API key and tier."""
    return Key(f"client#{client_id}", "client")


def register(client_id: str, partner: str, api_key: str, tier: str = STANDARD) -> None:
    """Register the client for the partner, or change its tier.

    Raise :class:`~functions.shared.dynamodb.Conflict` if it is registered with another partner or API key.
    """
    change = Transaction()
    attributes = {"partner": partner, "api_key": api_key, "tier": tier}
    change.claim_as(client_key(client_id), attributes, same=("partner", "api_key"))
    change.commit()
