"""The authorizer: returns the partner and the scopes of a bearer token.

API Gateway caches the answer for each token for some minutes. So the answer must be valid for every route, and each
door checks its own scope. Tokens are never logged.
"""

import time
from functools import cache
from typing import Any, NamedTuple

import jwt
from jwt.exceptions import InvalidTokenError
from pydantic import Json

from functions.identity.clients import STANDARD, client_key
from functions.identity.issuer_keys import IssuerKeys
from functions.shared.observability import logger, set_log_context
from functions.shared.settings import Settings
from functions.shared.table import get_item

KEPT_SECONDS = 300
ALGORITHM = "RS256"
ACCESS = "access"
REQUIRED = ["exp", "iss", "client_id", "token_use"]


class IdentitySettings(Settings):
    """The trusted issuer, the URL of its keys, and how many requests a second each tier allows."""

    issuer: str
    jwks_url: str
    tier_rates: Json[dict[str, int]]


class Unauthorized(Exception):
    """The token is not valid. API Gateway turns exactly this message into a 401."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class _Client(NamedTuple):
    partner: str
    api_key: str | None
    tier: str
    known_until: float


_clients: dict[str, _Client] = {}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a token authorizer's event.

    Raise :class:`Unauthorized` if the token is not valid; any other error is ours.
    """
    set_log_context()
    claims = _claims(event["authorizationToken"])
    client = _client(claims["client_id"])
    api, stage = event["methodArn"].split("/")[:2]
    answer = {
        "principalId": claims["client_id"],
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}],
        },
        "context": {
            "partner": client.partner,
            "scopes": claims.get("scope", ""),
            "client_id": claims["client_id"],
            "rate": _rate(client.tier),
        },
    }
    return answer | ({"usageIdentifierKey": client.api_key} if client.api_key else {})


def _rate(tier: str) -> str:
    """Return the requests per second of a client of this tier; of one that is gone, those of the standard tier."""
    rates = IdentitySettings.load().tier_rates
    return str(rates.get(tier, rates[STANDARD]))


def _claims(authorization: str) -> dict[str, Any]:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    key = _signing_key(token.strip())
    try:
        claims: dict[str, Any] = jwt.decode(
            token.strip(),
            key,
            algorithms=[ALGORITHM],
            issuer=IdentitySettings.load().issuer,
            # Access tokens of client credentials have no audience.
            options={"require": REQUIRED, "verify_aud": False},
        )
    except InvalidTokenError as error:
        raise _refused(type(error).__name__) from None
    if claims["token_use"] != ACCESS or not isinstance(claims["client_id"], str):
        raise Unauthorized
    return claims


def _signing_key(token: str) -> jwt.PyJWK:
    """Return the key that the token names. If the issuer's keys are unavailable, the error is not ``Unauthorized``."""
    try:
        header = jwt.get_unverified_header(token)
    except InvalidTokenError as error:
        raise _refused(type(error).__name__) from None
    key_id = header.get("kid")
    key = _keys().find(key_id) if key_id and header.get("alg") == ALGORITHM else None
    if key is None:
        raise _refused("unknown key")
    return key


def _refused(reason: str) -> Unauthorized:
    logger.info("A token was refused.", extra={"reason": reason})
    return Unauthorized()


@cache
def _keys() -> IssuerKeys:
    return IssuerKeys(IdentitySettings.load().jwks_url)


def _client(client_id: str) -> _Client:
    known = _clients.get(client_id)
    if known and known.known_until > time.monotonic():
        return known
    item = get_item(client_key(client_id))
    if item is None:
        raise Unauthorized
    client = _Client(item["partner"], item.get("api_key"), item.get("tier", STANDARD), time.monotonic() + KEPT_SECONDS)
    _clients[client_id] = client
    return client
