"""What the answers of each scope's operations show of people, by the API's description."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from functions.routes import ROUTES
from tests.support.description import document

SHOWS = {
    "person": {"first_name", "last_name", "email", "birth_date", "identifications"},
    "phone number": {"msisdn"},
    "SIM": {"iccid", "matching_id", "activation_code"},
    "device": {"eid"},
    "whereabouts": {"current_country"},
    "PIN and PUK": {"pin", "puk"},
    "signing secret": {"signing_secret"},
    "answers of the endpoint": {"response_body"},
}
"""What it is called → the members that show it."""
EVENTS = {"events/read", "webhooks/write"}
"""Scopes by which events are read, or sent to a place of the partner's choice."""


def members(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The members that a schema of the description has, however deep."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each, seen)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from members(document()["components"]["schemas"].get(name), seen | {name})
        for each in schema.values():
            yield from members(each, seen)


def shown() -> dict[str, list[str]]:
    """Scope → what it lets one see."""
    names: dict[str, set[str]] = defaultdict(set)
    for route in ROUTES:
        answers = document()["paths"][route.path][route.method.lower()]["responses"] if route.scope else {}
        for status, answer in answers.items():
            names[route.scope or ""] |= {*members(answer.get("content"))} if status < "3" else set()
    of_events = {name for each in document()["webhooks"].values() for name in members(each["post"]["requestBody"])}
    for scope in EVENTS:
        names[scope] |= of_events
    names.pop("", None)
    return {scope: [what for what, marks in SHOWS.items() if marks & names[scope]] for scope in sorted(names)}
