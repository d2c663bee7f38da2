"""What is about a person is known by its name, wherever it is kept or shown."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from functions.accounts.account import Account
from functions.routes import ROUTES, Route, module_of
from functions.shared.personal_answers import PersonalKey
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions.phone_number import PhoneNumber
from infra.operator.people import OF_PERSONAL_ACCOUNTS, PERSONAL
from tests.support.description import document

WITHIN = {"address", "billing_address", "owner"}
"""Members whose own members are looked at."""
OURS = {"id", "partner", "created_at", "updated_at", "version", "sequence", "due_at"}
STAYS = {"account_id", "subscription_id", "status", "is_primary", "country", "state", "type", "number"}
"""Ids, and what says nothing of a single person; the number is the account's, those of documents go with them."""
OF_BUSINESSES = {"company_name", "regon"}
NOT_OF_A_PERSON_ALONE = {"device", "eid", "response_body"}
"""A device, and what an endpoint has answered: docs/privacy.md says how long such answers are remembered."""
KEYED = [route for route in ROUTES if route.method in {"POST", "PATCH"} and route.keyed]


def members(schema: Any) -> Iterator[str]:
    """The members of a schema, and of what is in it; ``$ref`` may lead anywhere in the description."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        if "$ref" in schema:
            yield from members(document()["components"]["schemas"].get(schema["$ref"].rpartition("/")[2]))
        for each in schema.values():
            yield from members(each)


@pytest.mark.parametrize("model", [Subscriber, Account, PhoneNumber])
def test_every_member_is_decided_on(model: Any) -> None:
    schema = model.model_json_schema()
    found = {name for part in (schema, schema.get("$defs", {})) for name in members(part)}
    known = PERSONAL.keys() | OF_PERSONAL_ACCOUNTS | WITHIN | OURS | STAYS | OF_BUSINESSES
    assert found - known - {"nationality"} == set()


@pytest.mark.parametrize("route", KEYED, ids=lambda route: f"{route.method} {route.path}")
def test_an_answer_that_shows_a_person_is_remembered_as_such(route: Route) -> None:
    operation = document()["paths"][route.path][route.method.lower()]
    shown = {name for status, answer in operation["responses"].items() if status < "3" for name in members(answer)}
    function = getattr(import_module(module_of(route)), route.operation)
    remembered = getattr(function, "key_kind", None)
    assert (remembered is PersonalKey) == bool(shown & (PERSONAL.keys() - NOT_OF_A_PERSON_ALONE))
