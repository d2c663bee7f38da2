"""No request shows or changes what another partner has, on any route: it is answered as for what does not exist.

The routes, parameters and members come from the route table and the description. One that is new fails here until
``belongings.py`` knows what it names, or ``NAMES_NOTHING`` that it names nothing.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from functions.routes import ORDER_TYPES, ROUTES, SCOPES, Route
from functions.shared import idempotency
from functions.shared.transaction import Transaction
from infra.local.messages import HttpResponse
from infra.local.system import System
from infra.openapi import samples
from tests.api.belongings import NOBODYS, Partner, in_query, kind_of, named_in, with_ids
from tests.support.client import Client
from tests.support.description import document

NAMES_NOTHING = {
    *("limit", "status", "type", "countries", "allowances[coverage-area][countries]", "created-from", "created-to"),
    *("payment_intent_id", "tax_id", "postal_code"),
}
"""Parameters and members that name nothing of ours."""
CLOSED = [route for route in ROUTES if route.scope]
PSIM = {"sim_profile": {"sim_type": "psim", "reservation_id": samples.IDS["resv"]}}
KEY = "used by the victim"
OF_ITS_OWN = {"create_account", "create_webhook"}
"""Operations that name nothing, and so make the attacker one of its own."""
UNLIKE = {"correlation_id", "_links"}
"""What differs between two answers to one question."""


@pytest.fixture(scope="module")
def victim(system: System) -> Partner:
    system.gateway.throttle.refill()
    return Partner(system, "victim", 977)


@pytest.fixture(scope="module")
def attacker(system: System, victim: Partner) -> Partner:
    return Partner(system, "attacker", 978)


@pytest.fixture(autouse=True)
def _no_limits(system: System, attacker: Partner) -> None:
    system.gateway.throttle.refill()


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = document()["paths"][route.path][route.method.lower()]
    return described


def parameters(route: Route, place: str) -> set[str]:
    """The names of its parameters in the path or in the query that name something."""
    return {each["name"] for each in operation(route)["parameters"] if each.get("in") == place} - NAMES_NOTHING


def sent(route: Route) -> list[Any]:
    """Bodies that name all that a body of the route can name."""
    if "requestBody" not in operation(route):
        return [None]
    if route.path in {"/orders", "/orders/validate"}:
        return [{"type": kind, **body} for kind in ORDER_TYPES for body in of_operation(kind)]
    return of_operation(operation(route)["operationId"])


def of_operation(name: str) -> list[Any]:
    body = samples.SENT[name]
    return [body, body | PSIM] if "sim_profile" in body else [body]


def path_of(route: Route, ids: dict[str, str]) -> str:
    return route.path.format_map({name: ids[kind_of(name)] for name in parameters(route, "path")})


def said(answer: HttpResponse, *values: str) -> str:
    """What an answer says, apart from the values that were asked for."""
    text = json.dumps({name: member for name, member in answer.json().items() if name not in UNLIKE})
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "…")
    return text


def assert_alike(answers: Sequence[HttpResponse], *values: str) -> None:
    """What belongs to another partner is answered as what nobody has."""
    foreign, missing = answers
    assert (foreign.status, said(foreign, *values)) == (missing.status, said(missing, *values))
    assert foreign.headers.keys() == missing.headers.keys()


def members(schema: Any) -> Iterator[str]:
    """The members that a schema names, however deep."""
    if isinstance(schema, list):
        for each in schema:
            yield from members(each)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        if "$ref" in schema:
            yield from members(document()["components"]["schemas"].get(schema["$ref"].rpartition("/")[2]))
        for each in schema.values():
            yield from members(each)


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
def test_nothing_is_left_out(route: Route) -> None:
    for name in parameters(route, "path") | parameters(route, "query") - {"cursor"}:
        assert kind_of(name) in NOBODYS
    named = {name for name in members(operation(route).get("requestBody")) if name not in NAMES_NOTHING}
    expected = {kind_of(name) for name in named if name.endswith(("_id", "_ids", "_code")) or name == "reference"}
    assert expected - {"reference"} <= set().union(*map(named_in, sent(route)))


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
def test_a_token_without_the_scope_opens_nothing(
    route: Route, victim: Partner, attacker: Partner, anonymous: Client
) -> None:
    """Neither of another partner, nor of one's own."""
    (body, *_) = sent(route)
    for partner in (attacker, victim):
        client = partner.client.limited_to(*(scope for scope in SCOPES if scope != route.scope))
        answers = [client.send(route.method, path_of(route, ids), with_ids(body, ids)) for ids in (victim.own, NOBODYS)]
        assert answers[0].status == 403
        assert_alike(answers)
    tokenless = [anonymous.send(route.method, path_of(route, ids)) for ids in (victim.own, NOBODYS)]
    assert tokenless[0].status == 401
    assert_alike(tokenless)


@pytest.mark.parametrize("route", [route for route in CLOSED if "{" in route.path], ids=name_of)
def test_anothers_id_in_the_path(route: Route, victim: Partner, attacker: Partner) -> None:
    for body in sent(route):
        ids = (victim.own, NOBODYS)
        answers = [attacker.client.send(route.method, path_of(route, each), body) for each in ids]
        assert answers[0].status == 404
        assert_alike(answers, *victim.own.values(), *NOBODYS.values())


@pytest.mark.parametrize("route", [route for route in CLOSED if any(map(named_in, sent(route)))], ids=name_of)
def test_anothers_id_in_the_body(route: Route, victim: Partner, attacker: Partner) -> None:
    """All else in the body is one's own; somebody else's reference is as free as any."""
    path = path_of(route, attacker.own)
    for body in sent(route):
        for kind in named_in(body):
            others = NOBODYS if kind == "reference" else attacker.own | {"reference": NOBODYS["reference"]}
            values = (victim.own[kind], NOBODYS[kind])
            bodies = [with_ids(body, others | {kind: value}) for value in values]
            answers = [attacker.client.send(route.method, path, each) for each in bodies]
            assert answers[0].status == 400, (kind, answers[0].body)
            assert_alike(answers, *values)


LISTS = [route for route in CLOSED if route.operation.startswith("list_")]


@pytest.mark.parametrize("route", LISTS, ids=name_of)
def test_anothers_value_in_the_query(route: Route, victim: Partner, attacker: Partner) -> None:
    for name in parameters(route, "query") - {"cursor"}:
        values = victim.own[kind_of(name)], NOBODYS[kind_of(name)]
        mine = victim.client.get(f"{path_of(route, victim.own)}?{in_query(name, values[0])}").json()
        path = path_of(route, attacker.own)
        answers = [attacker.client.get(f"{path}?{in_query(name, value)}") for value in values]
        assert not [value for value in victim.own.values() if value in said(answers[0], *values)]
        if name != "after":  # it is a place in time, whosever event has made it
            assert any(mine["_embedded"].values()), f"the victim has nothing to be found by {name}"
            assert answers[0].status == 200
            assert list(answers[0].json()["_embedded"].values()) == [[]]
            assert_alike(answers, *values)


@pytest.mark.parametrize("route", [route for route in LISTS if "cursor" in parameters(route, "query")], ids=name_of)
def test_anothers_cursor(route: Route, victim: Partner, attacker: Partner) -> None:
    first = victim.client.get(f"{path_of(route, victim.own)}?limit=1").json()
    following = first["_links"]["next"]["href"].partition("?")[2]
    assert victim.client.get(f"{path_of(route, victim.own)}?{following}").status == 200
    path = path_of(route, attacker.own)
    answers = [attacker.client.get(f"{path}?{query}") for query in (following, "limit=1&cursor=forged")]
    assert [fault["code"] for fault in answers[0].json()["errors"]] == ["invalid_cursor"]
    assert_alike(answers)


KEYED = [route for route in CLOSED if route.keyed and route.method in idempotency.METHODS]


@pytest.mark.parametrize("route", KEYED, ids=name_of)
def test_anothers_key(route: Route, victim: Partner, attacker: Partner) -> None:
    """The victim has used it for this very request, and gets its answer again; for the attacker it is a new key."""
    path = path_of(route, victim.own)
    body = with_ids(sent(route)[0], victim.own)
    use(victim, route, path, body)
    replayed = victim.client.send(route.method, path, body, {"Idempotency-Key": KEY})
    assert replayed.headers["Idempotent-Replayed"] == "true"
    answers = [attacker.client.send(route.method, path, body, {"Idempotency-Key": key}) for key in (KEY, "fresh")]
    assert answers[0].headers.get("Idempotent-Replayed") != "true"
    assert answers[0].status == answers[1].status
    if route.operation not in OF_ITS_OWN:
        assert answers[0].status >= 400
        assert_alike(answers)


def use(partner: Partner, route: Route, path: str, body: Any) -> None:
    """Let the partner have used the key for this request; what shows a secret is remembered sealed."""
    if operation_answer(route) == "WebhookWithSecret":
        partner.client.send(route.method, path, body, {"Idempotency-Key": KEY})
        return
    key = idempotency.key_of({"idempotency-key": [KEY]}, route.method, partner.name, path)
    assert key is not None
    change = Transaction()
    shown = samples.shown()[operation_answer(route)]
    key.for_body(body).remember(change, int(next(iter(operation(route)["responses"]))), shown, {})
    change.commit()


def operation_answer(route: Route) -> str:
    """The name of the schema of what it answers."""
    content = next(iter(operation(route)["responses"].values()))["content"]["application/hal+json"]
    return str(content["schema"]["$ref"].rpartition("/")[2])


@pytest.mark.parametrize("route", [route for route in CLOSED if route.method == "GET"], ids=name_of)
def test_the_victim_has_what_the_attacker_looks_for(route: Route, victim: Partner) -> None:
    """Otherwise nothing above would say anything."""
    answer = victim.client.get(path_of(route, victim.own))
    assert answer.status == 200
    assert any(answer.json().get("_embedded", {"": True}).values())
