"""How the sandbox gives out tokens (contract §9) and which tokens the API takes."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from functions.routes import SCOPES
from functions.shared import clock, headers
from infra.local.identity import CLIENTS, LIFETIME_SECONDS
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.system import System
from tests.support.client import Client

GRANT = {"grant_type": "client_credentials"}
ACME = {"client_id": "acme", "client_secret": "acme-secret"}
FORM = "application/x-www-form-urlencoded"


def ask(system: System, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> HttpResponse:
    sent = {"Content-Type": FORM, **(headers or {})}
    return system.request("POST", "/oauth2/token", urlencode(form).encode(), headers=sent)


def basic(credentials: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def refused(answer: HttpResponse, status: int, error: str) -> None:
    assert (answer.status, answer.json()["error"]) == (status, error)
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("client_id", ["acme", "globex"])
def test_both_partners_get_a_token_that_opens_the_api(system: System, client_id: str) -> None:
    answer = ask(system, GRANT, basic(f"{client_id}:{client_id}-secret"))
    body = answer.json()
    assert answer.status == 200
    assert answer.header("Cache-Control") == "no-store"
    assert body.keys() == {"access_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert system.request("GET", "/orders", token=body["access_token"]).status == 200


def test_the_client_may_stand_in_the_form(system: System) -> None:
    assert ask(system, GRANT | ACME).status == 200


def test_without_a_scope_the_token_has_all(system: System) -> None:
    assert claims_of(ask(system, GRANT | ACME).json()["access_token"])["scope"].split() == list(SCOPES)


def test_with_a_scope_the_token_has_no_other(system: System) -> None:
    token = ask(system, GRANT | ACME | {"scope": "orders/read catalog/read"}).json()["access_token"]
    assert claims_of(token)["scope"] == "orders/read catalog/read"
    assert system.request("POST", "/orders", {}, token=token).status == 403


def test_a_token_is_like_cognitos(system: System) -> None:
    claims = claims_of(ask(system, GRANT | ACME).json()["access_token"])
    assert {"iss", "sub", "client_id", "token_use", "scope", "iat", "exp", "jti"} <= claims.keys()
    assert (claims["client_id"], claims["token_use"]) == ("acme", "access")


@pytest.mark.parametrize("credentials", ["acme:wrong", "acme:", "nobody:acme-secret", "acme", ""])
def test_a_wrong_secret_is_refused(system: System, credentials: str) -> None:
    answer = ask(system, GRANT, basic(credentials))
    refused(answer, 401, "invalid_client")
    assert (answer.header("WWW-Authenticate") or "").startswith("Basic")


def test_two_clients_at_once_are_refused(system: System) -> None:
    both = (*basic("acme:acme-secret").items(), *basic("globex:globex-secret").items())
    request = HttpRequest("POST", "/oauth2/token", (("Content-Type", FORM), *both), urlencode(GRANT).encode())
    refused(system.handle(request), 401, "invalid_client")


def test_no_client_is_refused(system: System) -> None:
    refused(ask(system, GRANT), 401, "invalid_client")
    refused(ask(system, GRANT, {"Authorization": "Basic ?"}), 401, "invalid_client")


def test_an_unknown_scope_is_refused(system: System) -> None:
    refused(ask(system, GRANT | ACME | {"scope": "orders/read orders/everything"}), 400, "invalid_scope")


def test_another_grant_is_refused(system: System) -> None:
    refused(ask(system, ACME | {"grant_type": "password"}), 400, "unsupported_grant_type")
    refused(ask(system, ACME), 400, "invalid_request")


def test_only_a_form_is_understood(system: System) -> None:
    answer = system.request("POST", "/oauth2/token", {"grant_type": "client_credentials"})
    refused(answer, 400, "invalid_request")


def test_a_token_is_asked_for_by_post(system: System) -> None:
    answer = system.request("GET", "/oauth2/token")
    assert (answer.status, answer.header("Allow")) == (405, "POST")
    assert answer.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 1},
        {"iss": "https://elsewhere.example"},
        {"token_use": "id"},
        {"client_id": "nobody"},
        {"client_id": None},
        {"token_use": None},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(system: System, wrong: dict[str, Any]) -> None:
    token = system.identity.issue("acme", SCOPES, **wrong)
    assert system.request("GET", "/orders", token=token).status == 401


@pytest.mark.parametrize("path", ["/orders", "/no/such/path"])
def test_a_token_that_expires_is_refused_although_the_gateway_knows_it(
    system: System, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    token = system.identity.issue("acme", SCOPES)
    assert system.request("GET", path, token=token).status in {200, 404}
    later = clock.machine_time() + timedelta(seconds=LIFETIME_SECONDS)
    monkeypatch.setattr(headers, "clock", SimpleNamespace(machine_time=lambda: later))
    answer = system.request("GET", path, token=token)
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") == "Bearer"


def test_a_token_that_others_signed_is_refused(system: System) -> None:
    good = system.identity.issue("acme", SCOPES)
    header, content, signature = good.split(".")
    others = [
        jwt.encode(claims_of(good), "x" * 32, algorithm="HS256", headers={"kid": "local"}),
        jwt.encode(claims_of(good), "", algorithm="none", headers={"kid": "local"}),
        f"{header}.{content}.{signature[::-1]}",
        f"{header}.{content}.",
        jwt.encode(claims_of(good), "x" * 32, algorithm="HS256", headers={"kid": "unknown"}),
    ]
    assert [system.request("GET", "/orders", token=token).status for token in others] == [401] * len(others)


def test_two_different_tokens_are_no_token(system: System) -> None:
    tokens = [f"Bearer {system.identity.issue(client_id, SCOPES)}" for client_id in ("acme", "globex")]

    def status(*authorizations: str) -> int:
        return system.handle(
            HttpRequest("GET", "/orders", [("Authorization", value) for value in authorizations])
        ).status

    assert [status(*tokens), status(*reversed(tokens)), status(tokens[0], "")] == [401] * 3
    assert status(tokens[0], f" {tokens[0]}") == 200


def test_a_partner_is_what_its_client_says_and_nothing_in_the_request(acme: Client, globex: Client) -> None:
    mine = {item["id"] for item in acme.get("/subscribers").json()["_embedded"]["subscribers"]}
    theirs = {item["id"] for item in globex.get("/subscribers").json()["_embedded"]["subscribers"]}
    assert mine
    assert not mine & theirs


def test_the_sandbox_has_its_two_clients() -> None:
    assert {name: client.secret for name, client in CLIENTS.items()} == {
        "acme": "acme-secret",
        "globex": "globex-secret",
    }
