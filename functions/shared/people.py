"""What is about a person is known by the names of its members, which are the same in records, events and answers."""

from collections.abc import Iterable
from typing import Any

PERSONAL = frozenset(
    {
        "first_name",
        "last_name",
        "email",
        "email_key",
        "locale",
        "birth_date",
        "identifications",
        "line1",
        "line2",
        "city",
        "postal_code",
        "tax_id",
        "msisdn",
        "eid",
        "device",
        "invoice",
        "response_body",
    }
)


def shows_person(value: Any) -> bool:
    """Return whether anything in a JSON value is about a person."""
    within: Iterable[Any] = ()
    if isinstance(value, dict):
        if not PERSONAL.isdisjoint(value):
            return True
        within = value.values()
    elif isinstance(value, list):
        within = value
    return any(shows_person(each) for each in within if isinstance(each, dict | list))
