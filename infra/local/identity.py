"""The sandbox's identity provider: client credentials against access tokens like Cognito's (contract §9)."""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, unquote_plus
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from functions.routes import SCOPES
from functions.shared.http import NOT_KEPT, SECURITY_HEADERS
from infra.local.messages import HttpRequest, HttpResponse, json_response
from infra.local.server import Server

JWKS_PATH = "/.well-known/jwks.json"
LIFETIME_SECONDS = 3600
KEY_ID = "local"


@dataclass(frozen=True)
class Client:
    """A partner's system."""

    secret: str
    partner: str
    scopes: tuple[str, ...] = SCOPES


CLIENTS = {name: Client(secret=f"{name}-secret", partner=name) for name in ("acme", "globex")}
"""The clients that exist from the start, by their ids."""


class _TokenRefused(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


class IdentityProvider:
    """Issues tokens to its ``clients``, and publishes the key that they are verified with on a port of its own."""

    def __init__(self, issuer: str, signing_key: str) -> None:
        self._issuer = issuer
        self._key = cast("RSAPrivateKey", load_pem_private_key(signing_key.encode(), password=None))
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self._keys: dict[str, Any] = {"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}
        self._publisher = Server(0)
        self.clients = dict(CLIENTS)
        self.jwks_url = self._publisher.url + JWKS_PATH

    def start(self) -> None:
        """Publish the key."""
        self._publisher.start(lambda request: json_response(200 if request.path == JWKS_PATH else 404, self._keys))

    def stop(self) -> None:
        """Stop publishing the key."""
        self._publisher.stop()

    def issue(self, client_id: str, scopes: tuple[str, ...], /, **claims: Any) -> str:
        """Return a signed access token; ``claims`` replace its default claims."""
        now = int(time.time())
        usual: dict[str, Any] = {
            "iss": self._issuer,
            "sub": client_id,
            "client_id": client_id,
            "token_use": "access",
            "scope": " ".join(scopes),
            "auth_time": now,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid4()),
            "version": 2,
        }
        return jwt.encode(usual | claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a token request."""
        headers = {**SECURITY_HEADERS, **NOT_KEPT, "Pragma": "no-cache"}
        if request.method != "POST":
            return HttpResponse(405, headers | {"Allow": "POST"})
        try:
            token = self._token(request)
        except _TokenRefused as refused:
            if refused.status == 401:
                headers["WWW-Authenticate"] = 'Basic realm="token"'
            body = {"error": refused.error, "error_description": str(refused)}
            return json_response(refused.status, body, headers)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
        return json_response(200, answer, headers)

    def _token(self, request: HttpRequest) -> str:
        form = _form(request)
        client_id, client = _client(self.clients, request.values("authorization"), form)
        if form.get("grant_type") is None:
            raise _TokenRefused("invalid_request", "grant_type is missing.")
        if form["grant_type"] != "client_credentials":
            raise _TokenRefused("unsupported_grant_type", "Only client_credentials is supported.")
        scopes = tuple(form.get("scope", "").split()) or client.scopes
        if not set(scopes) <= set(client.scopes):
            raise _TokenRefused("invalid_scope", "The client does not have every scope that it asks for.")
        return self.issue(client_id, scopes)


def _form(request: HttpRequest) -> dict[str, str]:
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise _TokenRefused("invalid_request", "The body must be application/x-www-form-urlencoded.")
    fields = parse_qs(request.body.decode(errors="replace"))
    if any(len(values) > 1 for values in fields.values()):
        raise _TokenRefused("invalid_request", "A parameter must not be given twice.")
    return {name: values[0] for name, values in fields.items()}


def _client(clients: Mapping[str, Client], authorizations: Sequence[str], form: dict[str, str]) -> tuple[str, Client]:
    """Return the authenticated client, with its id."""
    given: set[tuple[str | None, str | None]] = {_basic(value) for value in authorizations}
    client_id, secret = given.pop() if given else (form.get("client_id"), form.get("client_secret"))
    client = None if given else clients.get(client_id or "")
    if client is None or not secrets.compare_digest(client.secret.encode(), (secret or "").encode()):
        raise _TokenRefused("invalid_client", "The client is not known or its secret is wrong.", 401)
    return client_id or "", client


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, credentials = authorization.partition(" ")
    try:
        decoded = base64.b64decode(credentials, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        decoded = ""
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
