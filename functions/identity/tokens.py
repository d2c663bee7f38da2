"""What a bearer token says: of Cognito, or of another OIDC issuer that signs with RS256 (RFC 9068). Never logged."""

from functools import cache
from typing import Any, NamedTuple

import jwt
from jwt.exceptions import InvalidTokenError

from functions.identity.issuer_keys import IssuerKeys
from functions.shared.observability import logger
from functions.shared.settings import Settings

ALGORITHM = "RS256"
TYPES = {"jwt", "at+jwt", "application/at+jwt"}
"""Of access tokens, in lower case. What else is signed with the same keys says so, like ``logout+jwt``."""
ACCESS = "access"


class IssuerSettings(Settings):
    """The trusted issuer, the URL of its keys, and what its tokens say where."""

    issuer: str
    jwks_url: str
    audience: str
    """Whom a token must be for; if this is empty, a token must not name anybody."""
    client_claim: str
    scope_claim: str


class Token(NamedTuple):
    """A valid token; ``scopes`` has spaces between them, ``expires_at`` is in seconds of Unix time."""

    client_id: str
    scopes: str
    expires_at: int


class Unauthorized(Exception):
    """The token is not valid. API Gateway turns exactly this message into a 401."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def verified(authorization: str) -> Token:
    """Return what the token of an ``Authorization`` header says. Raise :class:`Unauthorized` if it is not valid."""
    claims = _claims(authorization)
    settings = IssuerSettings.load()
    client_id = claims[settings.client_claim]
    # Cognito says what a token is for; ID tokens of others are for another audience.
    if claims.get("token_use", ACCESS) != ACCESS or not isinstance(client_id, str):
        raise refused("not an access token")
    return Token(client_id, _scopes(claims.get(settings.scope_claim)), int(claims["exp"]))


def refused(reason: str) -> Unauthorized:
    """Return the refusal; its reason is logged."""
    logger.info("A token was refused.", extra={"reason": reason})
    return Unauthorized()


def _claims(authorization: str) -> dict[str, Any]:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    key = _signing_key(token.strip())
    settings = IssuerSettings.load()
    try:
        claims: dict[str, Any] = jwt.decode(
            token.strip(),
            key,
            algorithms=[ALGORITHM],
            issuer=settings.issuer,
            audience=settings.audience or None,
            options={"require": ["exp", "iss", settings.client_claim]},
        )
    except InvalidTokenError as error:
        raise refused(type(error).__name__) from None
    return claims


def _signing_key(token: str) -> jwt.PyJWK:
    """Return the key that the token names. If the issuer's keys are unavailable, the error is not ``Unauthorized``."""
    try:
        header = jwt.get_unverified_header(token)
    except InvalidTokenError as error:
        raise refused(type(error).__name__) from None
    if str(header.get("typ", "JWT")).lower() not in TYPES:
        raise refused("not an access token")
    key_id = header.get("kid")
    key = _keys().find(key_id) if key_id and header.get("alg") == ALGORITHM else None
    if key is None:
        raise refused("unknown key")
    return key


@cache
def _keys() -> IssuerKeys:
    return IssuerKeys(IssuerSettings.load().jwks_url)


def _scopes(claim: Any) -> str:
    """Return the scopes of a claim, which is text with spaces between them (RFC 9068) or an array."""
    scopes = claim if isinstance(claim, list) else [claim]
    return " ".join(scope for scope in scopes if isinstance(scope, str))
