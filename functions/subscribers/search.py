"""How a subscriber is found by its e-mail address (contract §4)."""

from functions.shared.search_keys import search_key


def email_key(partner: str, email: str) -> str:
    """Return the keyed hash of the address, without regard to case."""
    return search_key(partner, "email", email.casefold())
