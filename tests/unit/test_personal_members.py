"""What is about a person is known by its name, wherever it is kept or shown."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.accounts.account import Account
from functions.routes import ROUTES, Route
from functions.shared.people import PERSONAL, shows_person
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions.phone_number import PhoneNumber
from infra.operator.people import OF_PERSONAL_ACCOUNTS, REPLACED
from tests.support.description import document

WITHIN = {"address", "billing_address", "owner"}
"""Members whose own members are looked at."""
OURS = {"id", "partner", "created_at", "updated_at", "version", "sequence", "due_at"}
STAYS = {"account_id", "subscription_id", "status", "is_primary", "country", "state", "type", "number"}
"""Ids, and what says nothing of a single person; the number is the account's, those of documents go with them."""
OF_BUSINESSES = {"company_name", "regon"}
OF_NO_PERSON = {
    *("account_id", "event_id", "reservation_id", "reference", "payment_intent_id", "key_version", "api_version"),
    *("iccid", "matching_id", "smdp_address", "phone_number_country", "effective_at", "currency"),
    *("code", "detail", "event_type", "signing_secret", "url"),
    *("description", "name"),
}
"""What else answers to requests with keys say in free words: the last are of webhooks, offerings and accounts."""
CLOSED = {"enum", "const", "format"}
"""What leaves no room for words of one's own."""
KEYED = [route for route in ROUTES if route.method in {"POST", "PATCH"} and route.keyed]


def members(schema: Any) -> Iterator[tuple[str, Any]]:
    """The members of a schema, and of what is in it; ``$ref`` may lead anywhere in the description."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        if "$ref" in schema:
            yield from members(document()["components"]["schemas"].get(schema["$ref"].rpartition("/")[2]))
        for each in schema.values():
            yield from members(each)


@pytest.mark.parametrize("model", [Subscriber, Account, PhoneNumber])
def test_every_member_is_decided_on(model: Any) -> None:
    schema = model.model_json_schema()
    found = {name for part in (schema, schema.get("$defs", {})) for name, _ in members(part)}
    known = PERSONAL | OF_PERSONAL_ACCOUNTS | WITHIN | OURS | STAYS | OF_BUSINESSES
    assert found - known - {"nationality"} == set()


@pytest.mark.parametrize("route", KEYED, ids=lambda route: f"{route.method} {route.path}")
def test_every_text_that_a_remembered_answer_may_hold_is_decided_on(route: Route) -> None:
    responses = document()["paths"][route.path][route.method.lower()]["responses"]
    answers = [answer for status, answer in responses.items() if status < "3"]
    texts = {name for name, of in members(answers) if of.get("type") == "string" and not of.keys() & CLOSED}
    assert texts - PERSONAL - OURS - STAYS - OF_BUSINESSES - OF_NO_PERSON == set()


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_a_person_is_seen_wherever_it_stands_in_an_answer(name: str) -> None:
    assert shows_person({"id": "ord_1", "_embedded": {"subscription": {"attempts": [{"at": "now"}, {name: "x"}]}}})


def test_what_shows_nobody_is_told_from_that() -> None:
    assert not shows_person({"id": "ord_1", "_links": {"self": {"href": "eid"}}, "attempts": [1, "msisdn", None]})


def test_only_what_is_personal_is_replaced() -> None:
    assert REPLACED.keys() == PERSONAL
