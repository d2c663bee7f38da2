"""The authorizer: returns the partner and the scopes of a bearer token.

API Gateway caches the answer for each token (``TOKEN_CACHE_SECONDS``), and only API Gateway does: a client that is
disabled is refused once that time is over. The answer must be valid for every route, so each door checks its own scope,
and that the token has not expired meanwhile. Tokens are never logged.
"""

import time
from typing import Any

from pydantic import Json

from functions.identity import clients
from functions.identity.clients import STANDARD, Client
from functions.identity.tokens import Token, Unauthorized, refused, verified
from functions.shared import dynamodb
from functions.shared.observability import observed
from functions.shared.settings import Settings

__all__ = ["Unauthorized", "handler"]

dynamodb.client()  # made before the snapshot that Lambda may take


class TierSettings(Settings):
    """How many requests a second each tier allows."""

    tier_rates: Json[dict[str, int]]


@observed(Unauthorized)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a token authorizer's event.

    Raise :class:`Unauthorized` if the token is not valid; any other error is ours.
    """
    token = verified(event["authorizationToken"])
    client = _accepted(token)
    api, stage = event["methodArn"].split("/")[:2]
    return {
        "principalId": token.client_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}],
        },
        "context": {
            "partner": client.partner,
            "scopes": token.scopes,
            "client_id": token.client_id,
            "rate": _rate(client.tier),
            "expires_at": str(min(token.expires_at, client.ends_at or token.expires_at)),
        },
        "usageIdentifierKey": client.api_key,
    }


def _accepted(token: Token) -> Client:
    client = clients.find(token.client_id)
    if client is None or client.disabled or (client.ends_at is not None and client.ends_at <= time.time()):
        raise refused("the client is not accepted")
    return client


def _rate(tier: str) -> str:
    """Return the requests per second of a client of this tier; of one that is gone, those of the standard tier."""
    rates = TierSettings.load().tier_rates
    return str(rates.get(tier, rates[STANDARD]))
