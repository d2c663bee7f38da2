"""The authorizer by itself: what it answers API Gateway, and whose fault a failure is."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.exceptions import PyJWKClientConnectionError

from functions.identity import authorizer
from functions.identity.authorizer import IdentitySettings
from functions.identity.clients import client_key
from functions.identity.issuer_keys import IssuerKeys
from functions.shared.transaction import Transaction
from infra.gateway_body import BEARER
from infra.local.system import System

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
    }
    assert answer["usageIdentifierKey"]


@pytest.mark.parametrize(("tier", "rate"), [("gold", "500"), ("one that is gone", "100"), (None, "100")])
def test_it_says_what_the_partners_tier_allows(
    system: System, monkeypatch: pytest.MonkeyPatch, tier: str | None, rate: str
) -> None:
    """A client that was registered before there were tiers has the standard one."""
    client_id = f"client of {tier}"
    change = Transaction()
    change.claim(client_key(client_id), {"partner": "acme", "api_key": "key"} | ({"tier": tier} if tier else {}))
    change.commit()
    rates = IdentitySettings.load().model_copy(update={"tier_rates": {"standard": 100, "gold": 500}})
    monkeypatch.setattr(IdentitySettings, "load", lambda: rates)
    token = system.identity.issue(client_id, ())
    assert authorizer.handler(event(token), None)["context"]["rate"] == rate


def test_a_bad_token_has_the_message_that_the_gateway_knows(system: System) -> None:
    assert system
    with pytest.raises(authorizer.Unauthorized, match=r"^Unauthorized$"):
        authorizer.handler(event("x"), None)


def test_keys_that_cannot_be_had_are_not_the_tokens_fault(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = IssuerKeys("http://127.0.0.1:9/jwks.json")
    monkeypatch.setattr(authorizer, "_keys", lambda: nowhere)
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
