"""The authorizer by itself: what it answers API Gateway, and whose fault a failure is."""

import re
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.exceptions import PyJWKClientConnectionError

from functions.identity import authorizer, tokens
from functions.identity.authorizer import TierSettings
from functions.identity.issuer_keys import IssuerKeys
from functions.shared import clock
from infra.gateway_body import BEARER, TOKEN_CACHE_SECONDS
from infra.local.system import System
from infra.operator.partners import records as partner_records
from tests.support.newcomer import Newcomer

METHOD_ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/orders/ord_1"


def event(token: str) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": METHOD_ARN}


def test_its_answer_holds_for_every_method_of_the_stage(system: System) -> None:
    token = system.identity.issue("acme", ("orders/read", "orders/write"))
    answer = authorizer.handler(event(token), None)
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:execute-api:eu-central-1:123456789012:abc/prod/*"
    assert answer["context"] == {
        "partner": "acme",
        "scopes": "orders/read orders/write",
        "client_id": "acme",
        "rate": "100",
        "expires_at": str(jwt.decode(token, options={"verify_signature": False})["exp"]),
    }
    assert answer["usageIdentifierKey"]


def changed(newcomer: Newcomer, **members: Any) -> None:
    """Let the partner be another one from now on."""
    partner = partner_records.read(newcomer.partner)
    assert partner is not None
    partner_records.save(partner.model_copy(update=members), partner)


@pytest.mark.parametrize(("tier", "rate"), [("gold", "500"), ("one that is gone", "100"), ("standard", "100")])
def test_it_says_what_the_partners_tier_allows(
    system: System, monkeypatch: pytest.MonkeyPatch, tier: str, rate: str
) -> None:
    newcomer = Newcomer(system)
    changed(newcomer, tier=tier)
    monkeypatch.setattr(
        TierSettings, "load", lambda: TierSettings.model_validate({"tier_rates": '{"standard": 100, "gold": 500}'})
    )
    assert authorizer.handler(event(str(newcomer.token)), None)["context"]["rate"] == rate


@pytest.mark.parametrize("member", ["disabled", "ends_at"])
def test_a_client_is_out_once_the_gateway_has_forgotten_it(system: System, member: str) -> None:
    """The authorizer reads the client anew each time."""
    newcomer = Newcomer(system)
    assert newcomer.get("/orders").status == 200
    (client,) = partner_records.read(newcomer.partner).clients  # type: ignore[union-attr] # it was just made
    ended = client.model_copy(update={"ends_at": clock.machine_time()})
    changed(newcomer, **({"status": "disabled"} if member == "disabled" else {"clients": (ended,)}))
    assert newcomer.get("/orders").status == 200
    system.gateway.forget()
    assert newcomer.get("/orders").status == 401
    assert TOKEN_CACHE_SECONDS < 60, "a leaked client is out within a minute"


def test_a_token_lasts_no_longer_than_its_client(system: System) -> None:
    newcomer = Newcomer(system)
    (client,) = partner_records.read(newcomer.partner).clients  # type: ignore[union-attr] # it was just made
    end = clock.machine_time() + timedelta(minutes=5)
    changed(newcomer, clients=(client.model_copy(update={"ends_at": end}),))
    context = authorizer.handler(event(str(newcomer.token)), None)["context"]
    assert context["expires_at"] == str(int(end.timestamp()))


@pytest.mark.parametrize("client_id", ["", "x" * 3000, "a#b", 7, None])
def test_a_client_that_nobody_can_have_is_not_accepted(system: System, client_id: Any) -> None:
    with pytest.raises(authorizer.Unauthorized):
        authorizer.handler(event(system.identity.issue("acme", (), client_id=client_id)), None)


def test_a_bad_token_has_the_message_that_the_gateway_knows(system: System) -> None:
    assert system
    with pytest.raises(authorizer.Unauthorized, match=r"^Unauthorized$"):
        authorizer.handler(event("x"), None)


def test_keys_that_cannot_be_had_are_not_the_tokens_fault(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = IssuerKeys("http://127.0.0.1:9/jwks.json")
    monkeypatch.setattr(tokens, "_keys", lambda: nowhere)
    with pytest.raises(PyJWKClientConnectionError):
        authorizer.handler(event(system.identity.issue("acme", ())), None)


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"])).filter(lambda text: not re.match(BEARER, text)))
@example("Bearer a.b.c.d")
@example("Bearer a..c")
@example("Bearer\ta.b.c")
@example("Bearera.b.c")
def test_the_gateway_turns_away_nothing_that_it_would_take(header: str) -> None:
    """Only what cannot be a signed token does not reach the authorizer."""
    with pytest.raises(authorizer.Unauthorized):
        authorizer.handler({"type": "TOKEN", "authorizationToken": header, "methodArn": METHOD_ARN}, None)


@pytest.mark.parametrize("claims", [{}, {"exp": 1}])
def test_a_token_is_never_logged(
    system: System, claims: dict[str, Any], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    token = system.identity.issue("globex", ("orders/read",), **claims)
    try:
        authorizer.handler(event(token), None)
    except authorizer.Unauthorized:
        assert claims
    output = capfd.readouterr()
    everything = output.out + output.err + caplog.text
    assert not any(part in everything for part in token.split("."))
