"""The description breaks no client of the released one; and each kind of break is found."""

from copy import copy
from typing import Any

import pytest
import yaml

from infra.openapi.breaks import breaks
from infra.openapi.published import YAML
from tests.support.description import document

RELEASED = YAML.with_name("openapi.released.yaml")
REMOVED = object()
SCHEMAS = "components > schemas"
LIMIT = "paths > /orders > get > parameters > 0"
SEND = f"{SCHEMAS} > NewSubscriber"
SHOW = f"{SCHEMAS} > Subscriber"


def test_nothing_breaks_clients_of_the_released_description() -> None:
    released = yaml.load(RELEASED.read_text(), Loader=yaml.CSafeLoader)
    assert breaks(released, document()) == [], "see docs/versioning.md"


def edited(place: str, value: Any) -> dict[str, Any]:
    """A description with another value at a place; ``+`` is a new element's place in a list."""
    whole = dict(document())
    found: Any = whole
    *steps, last = place.split(" > ")
    for step in steps:
        key = int(step) if isinstance(found, list) else step
        found[key] = copy(found[key])
        found = found[key]
    if last == "+":
        found.append(value)
    elif value is REMOVED:
        del found[int(last) if isinstance(found, list) else last]
    else:
        found[last] = value
    return whole


BREAKS: list[tuple[str, str, Any]] = [
    ("GET /accounts: removed", "paths > /accounts > get", REMOVED),
    ("GET /coverage-areas: removed", "paths > /coverage-areas", REMOVED),
    ("GET /orders: operationId changed", "paths > /orders > get > operationId", "find_orders"),
    ("GET /health: needs a token of oauth2", "paths > /health > get > security", [{"oauth2": []}]),
    ("GET /orders: needs orders/write", "paths > /orders > get > security > 0 > oauth2 > +", "orders/write"),
    ("GET /orders query limit: removed", LIMIT, REMOVED),
    ("GET /orders query limit: now required", f"{LIMIT} > required", True),
    ("GET /orders query limit: maximum lowered", f"{LIMIT} > schema > maximum", 39),
    ("GET /orders query limit: minimum raised", f"{LIMIT} > schema > minimum", 2),
    ("GET /orders query limit: default changed", f"{LIMIT} > schema > default", 20),
    ("GET /orders query limit: type changed", f"{LIMIT} > schema > type", "boolean"),
    (
        "GET /orders query shop: new and required",
        "paths > /orders > get > parameters > +",
        {"name": "shop", "in": "query", "required": True, "schema": {"type": "string"}},
    ),
    (
        "GET / header Api-Version: value '2026-02-05' removed",
        f"{SCHEMAS} > ApiVersion > enum",
        ["2027-01-01"],
    ),
    (
        "POST /orders/{order_id}/resume body: now required",
        "paths > /orders/{order_id}/resume > post > requestBody > required",
        True,
    ),
    (
        "POST /orders/{order_id}/resume body: removed",
        "paths > /orders/{order_id}/resume > post > requestBody",
        REMOVED,
    ),
    (
        "POST /subscribers body: application/json removed",
        "paths > /subscribers > post > requestBody > content",
        {"text/csv": {}},
    ),
    ("POST /subscribers body.shop: new and required", f"{SEND} > required > +", "shop"),
    ("POST /subscribers body.locale: now required", f"{SEND} > required > +", "locale"),
    ("POST /subscribers body.locale: removed", f"{SEND} > properties > locale", REMOVED),
    ("POST /subscribers body.first_name: format changed", f"{SEND} > properties > first_name > format", "uri"),
    ("POST /subscribers body.first_name: maxLength lowered", f"{SEND} > properties > first_name > maxLength", 10),
    ("POST /subscribers body.first_name: pattern added or changed", f"{SEND} > properties > first_name > pattern", "x"),
    (
        "POST /subscribers body.first_name: value of any other kind removed",
        f"{SEND} > properties > first_name > enum",
        ["Ada"],
    ),
    (
        "POST /subscribers body.identifications (array)[]: alternative #/components/schemas/PassportInput removed",
        f"{SEND} > properties > identifications > anyOf > 0 > items > oneOf > 0",
        REMOVED,
    ),
    (
        "POST /accounts body (NewPersonal).metadata (object): other members restricted",
        f"{SCHEMAS} > NewPersonal > properties > metadata > anyOf > 0 > additionalProperties",
        False,
    ),
    (
        "POST /orders/activate-subscription body.products.addons (array)[].activation_mode: value 'scheduled' removed",
        f"{SCHEMAS} > AddonChoice > properties > activation_mode > enum",
        ["immediate", "first_usage"],
    ),
    ("GET /orders/{order_id} 404: removed", "paths > /orders/{order_id} > get > responses > 404", REMOVED),
    (
        "GET /orders/{order_id} 202: new success",
        "paths > /orders/{order_id} > get > responses > 202",
        {"description": "Later."},
    ),
    (
        "POST /subscribers 201: header Location removed",
        "paths > /subscribers > post > responses > 201 > headers > Location",
        REMOVED,
    ),
    (
        "GET /qrcode/v1/esim/{lpa} 200: image/png removed",
        "paths > /qrcode/v1/esim/{lpa} > get > responses > 200 > content > image/png",
        REMOVED,
    ),
    ("GET /subscribers 200._embedded.subscribers[].email: removed", f"{SHOW} > properties > email", REMOVED),
    ("GET /subscribers 200._embedded.subscribers[].first_name: no longer always there", f"{SHOW} > required", ["id"]),
    ("GET /subscribers 200._embedded.subscribers[].id: type changed", f"{SHOW} > properties > id > type", "integer"),
    (
        "GET /subscribers 200._embedded.subscribers[].created_at: format changed",
        f"{SHOW} > properties > created_at > format",
        "date",
    ),
    (
        "GET /subscribers 200._embedded.subscribers[].identifications[]: alternative #/components/schemas/Link added",
        f"{SHOW} > properties > identifications > items > oneOf > +",
        {"$ref": "#/components/schemas/Link"},
    ),
    (
        "GET /subscribers 200._embedded.subscribers[].email: alternative null added",
        f"{SHOW} > properties > email",
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ),
    (
        "GET /orders 200._embedded.orders[].status: value 'lost' added",
        f"{SCHEMAS} > OrderSummary > properties > status > enum > +",
        "lost",
    ),
    ("GET /health 200.status: value of any other kind added", f"{SCHEMAS} > Health > properties > status", {}),
    ("order.failed: event removed", "webhooks > order.failed", REMOVED),
    (
        "GET /events 200._embedded.events[] (OrderFailedEvent).sequence: removed",
        f"{SCHEMAS} > OrderFailedEvent > properties > sequence",
        REMOVED,
    ),
]


@pytest.mark.parametrize(("found", "place", "value"), BREAKS, ids=[case[0] for case in BREAKS])
def test_a_break_is_found(found: str, place: str, value: Any) -> None:
    assert found in breaks(document(), edited(place, value))


ADDITIONS: list[tuple[str, Any]] = [
    ("paths > /shops", {"get": {}}),
    ("paths > /orders > get > parameters > +", {"name": "shop", "in": "query", "schema": {"type": "string"}}),
    ("paths > /health > get > responses > 404", {"description": "Later."}),
    (f"{LIMIT} > schema > maximum", 100),
    (f"{LIMIT} > schema > minimum", REMOVED),
    (f"{SEND} > properties > shop", {"type": "string"}),
    (f"{SEND} > required", []),
    (f"{SEND} > properties > first_name > maxLength", REMOVED),
    (f"{SEND} > properties > identifications > anyOf > 0 > items > oneOf > +", {"$ref": "#/components/schemas/Esim"}),
    (f"{SEND} > properties > email", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    (f"{SCHEMAS} > AddonChoice > properties > activation_mode > enum > +", "later"),
    (f"{SHOW} > properties > shop", {"type": "string"}),
    (f"{SHOW} > required > +", "email"),
    (f"{SHOW} > properties > identifications > items > oneOf > 0", REMOVED),
    (f"{SCHEMAS} > OrderSummary > properties > status > enum > 0", REMOVED),
    (f"{SCHEMAS} > Event > oneOf > +", {"$ref": "#/components/schemas/Order"}),
    ("paths > /orders > get > description", "Other words."),
]


@pytest.mark.parametrize(
    ("place", "value"), ADDITIONS, ids=[f"{case[0]} {number}" for number, case in enumerate(ADDITIONS)]
)
def test_an_addition_is_no_break(place: str, value: Any) -> None:
    assert breaks(document(), edited(place, value)) == []
