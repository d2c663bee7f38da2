"""The authorizer by itself: what it answers API Gateway, and whose fault a failure is."""

from typing import Any

import pytest
from jwt.exceptions import PyJWKClientConnectionError

from functions.identity import authorizer
from functions.identity.issuer_keys import IssuerKeys
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
