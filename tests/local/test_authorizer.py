"""The authorizer by itself: what it answers API Gateway, and whose fault a failure is."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.exceptions import PyJWKClientConnectionError

from functions.identity import authorizer
from functions.identity.issuer_keys import IssuerKeys
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
    assert answer["context"] == {"partner": "acme", "scopes": "orders/read orders/write", "client_id": "acme"}
    assert answer["usageIdentifierKey"]


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
