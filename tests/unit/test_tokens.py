"""Which tokens are taken of which issuer: Cognito's, and those of others (RFC 9068, and what is like it)."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.identity import tokens
from functions.identity.tokens import IssuerSettings, Unauthorized, verified
from tests.unit.test_issuer_keys import PRIVATE

COGNITO = IssuerSettings(
    issuer="https://issuer.example", jwks_url="", audience="", client_claim="client_id", scope_claim="scope"
)
OTHER = COGNITO.model_copy(update={"audience": "https://api.example"})
RFC_9068 = {"aud": "https://api.example", "client_id": "acme", "scope": "orders/read orders/write", "jti": "1"}


class Keys:
    """The issuer has one key."""

    def find(self, _key_id: str) -> jwt.PyJWK:
        return jwt.PyJWK({"kty": "RSA", **_PUBLIC}, algorithm="RS256")


_PUBLIC: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(PRIVATE.public_key(), as_dict=True)


def check(monkeypatch: pytest.MonkeyPatch, settings: IssuerSettings, typ: str | None = "at+jwt", **claims: Any) -> Any:
    """What the token says to a stage with these settings."""
    monkeypatch.setattr(tokens, "_keys", Keys)
    monkeypatch.setattr(IssuerSettings, "load", lambda: settings)
    now = int(time.time())
    usual = {"iss": "https://issuer.example", "iat": now, "exp": now + 60}
    token = jwt.encode(usual | claims, PRIVATE, algorithm="RS256", headers={"kid": "one", "typ": typ})
    return verified(f"Bearer {token}")


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "AT+JWT", "application/at+jwt"])
def test_a_token_of_rfc_9068_is_taken(monkeypatch: pytest.MonkeyPatch, typ: str) -> None:
    token = check(monkeypatch, OTHER, typ, **RFC_9068)
    assert (token.client_id, token.scopes) == ("acme", "orders/read orders/write")
    assert 0 < token.expires_at - time.time() <= 60


@pytest.mark.parametrize("audience", ["https://api.example", ["https://other.example", "https://api.example"]])
def test_a_token_can_be_for_several(monkeypatch: pytest.MonkeyPatch, audience: Any) -> None:
    assert check(monkeypatch, OTHER, **RFC_9068 | {"aud": audience})


@pytest.mark.parametrize("audience", ["https://other.example", ["https://other.example"], [], None])
def test_a_token_for_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch, audience: Any) -> None:
    with pytest.raises(Unauthorized):
        check(monkeypatch, OTHER, **RFC_9068 | {"aud": audience})


def test_a_token_for_anybody_is_refused_where_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So an ID token of an issuer is refused, too, which is for the client."""
    with pytest.raises(Unauthorized):
        check(monkeypatch, COGNITO, **RFC_9068)
    assert check(monkeypatch, COGNITO, "JWT", client_id="acme", token_use="access", scope="").scopes == ""


@pytest.mark.parametrize("scopes", ["orders/read catalog/read", ["orders/read", "catalog/read"]])
def test_client_and_scopes_stand_where_the_stage_says(monkeypatch: pytest.MonkeyPatch, scopes: Any) -> None:
    settings = OTHER.model_copy(update={"client_claim": "azp", "scope_claim": "scp"})
    claims = {"aud": "https://api.example", "azp": "acme", "scp": scopes, "client_id": "x", "scope": "x"}
    token = check(monkeypatch, settings, "JWT", **claims)
    assert (token.client_id, token.scopes) == ("acme", "orders/read catalog/read")


@pytest.mark.parametrize("scopes", [None, 7, {"orders/read": True}, [7, None]])
def test_what_names_no_scopes_has_none(monkeypatch: pytest.MonkeyPatch, scopes: Any) -> None:
    assert check(monkeypatch, OTHER, **RFC_9068 | {"scope": scopes}).scopes == ""


@pytest.mark.parametrize("claims", [{"token_use": "id"}, {"client_id": 7}, {"client_id": None}, {"exp": 1}])
def test_what_is_no_access_token_is_refused(monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        check(monkeypatch, OTHER, **RFC_9068 | claims)


@pytest.mark.parametrize("typ", ["logout+jwt", "secevent+jwt", "dpop+jwt"])
def test_what_is_signed_for_something_else_is_refused(monkeypatch: pytest.MonkeyPatch, typ: str) -> None:
    with pytest.raises(Unauthorized):
        check(monkeypatch, OTHER, typ, **RFC_9068)


def test_what_others_signed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.test_tokens.PRIVATE", rsa.generate_private_key(65537, 2048))
    with pytest.raises(Unauthorized):
        check(monkeypatch, OTHER, **RFC_9068)
