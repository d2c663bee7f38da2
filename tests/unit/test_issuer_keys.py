"""The issuer's keys: how long they are believed, when they are fetched, and what an outage or a flood costs."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from functions.identity import authorizer, issuer_keys, tokens
from functions.identity.issuer_keys import IssuerKeys

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(PRIVATE.public_key()))
MINUTE, DAY = 60.0, 24 * 3600.0
FRESH = 5 * MINUTE
UNKNOWN_PAUSE, REFRESH_PAUSE = 10.0, 30.0
"""What docs/architecture.md promises of an outage and of a flood of forged tokens."""
GARBAGE = ["not JSON", "[]", "{}", '{"keys": []}', '{"keys": [{"kty": "?"}]}']


class Issuer:
    """Publishes keys on a port of this machine, goes away and comes back."""

    def __init__(self) -> None:
        self.key_ids = ["first"]
        self.answer: str | None = None
        self.asked = 0
        self.port = 0
        self.come()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks.json"

    def come(self) -> None:
        issuer = self

        class Publisher(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                keys = [PUBLIC | {"kid": key_id, "use": "sig", "alg": "RS256"} for key_id in issuer.key_ids]
                body = (issuer.answer or json.dumps({"keys": keys})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Publisher)
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def go(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.go()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(issuer_keys, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def keys(issuer: Issuer, clock: Clock) -> IssuerKeys:
    assert clock
    return IssuerKeys(issuer.url)


def test_the_keys_are_fetched_once_and_again_when_they_are_old(keys: IssuerKeys, issuer: Issuer, clock: Clock) -> None:
    for seconds in (0, 1, FRESH - 2):
        clock.passes(seconds)
        assert keys.find("first")
    assert issuer.asked == 1
    clock.passes(2)
    assert keys.find("first")
    assert issuer.asked == 2


def test_a_key_that_was_withdrawn_is_soon_not_believed(keys: IssuerKeys, issuer: Issuer, clock: Clock) -> None:
    assert keys.find("first")
    issuer.key_ids = ["second"]
    clock.passes(FRESH + 1)
    assert keys.find("first") is None


def test_a_new_key_is_found_at_once(keys: IssuerKeys, issuer: Issuer) -> None:
    assert keys.find("first")
    issuer.key_ids = ["first", "second"]
    assert keys.find("second")
    assert issuer.asked == 2


def test_unknown_key_ids_do_not_cost_a_fetch_each(keys: IssuerKeys, issuer: Issuer, clock: Clock) -> None:
    assert keys.find("first")
    assert [keys.find(f"made up {number}") for number in range(200)] == [None] * 200
    issuer.key_ids = ["second"]
    clock.passes(UNKNOWN_PAUSE - 1)
    assert keys.find("second") is None
    assert issuer.asked == 2
    clock.passes(1)
    assert keys.find("second")


def test_the_first_unknown_key_id_costs_one_fetch(keys: IssuerKeys, issuer: Issuer) -> None:
    assert keys.find("made up") is None
    assert issuer.asked == 1


def test_the_last_keys_outlive_an_outage(keys: IssuerKeys, issuer: Issuer, clock: Clock) -> None:
    assert keys.find("first")
    issuer.go()
    clock.passes(DAY - 60)
    assert keys.find("first")
    assert keys.find("made up") is None
    issuer.key_ids = ["first", "second"]
    issuer.come()
    assert keys.find("second") is None, "the issuer was asked a moment ago"
    clock.passes(REFRESH_PAUSE)
    assert keys.find("second")


def test_after_a_day_without_an_issuer_its_keys_are_believed_no_more(
    keys: IssuerKeys, issuer: Issuer, clock: Clock
) -> None:
    assert keys.find("first")
    issuer.go()
    clock.passes(DAY + 1)
    with pytest.raises(jwt.PyJWKClientError):
        keys.find("first")
    issuer.come()
    assert keys.find("first")


@pytest.mark.parametrize("answer", GARBAGE)
def test_what_is_not_a_key_set_replaces_none(keys: IssuerKeys, issuer: Issuer, clock: Clock, answer: str) -> None:
    assert keys.find("first")
    issuer.answer = answer
    clock.passes(FRESH + 1)
    assert keys.find("first")


def test_an_outage_slows_one_request_in_a_while(keys: IssuerKeys, issuer: Issuer, clock: Clock) -> None:
    assert keys.find("first")
    issuer.answer = "down"
    clock.passes(FRESH + 1)
    for seconds in (*[0] * 100, REFRESH_PAUSE - 1):
        clock.passes(seconds)
        assert keys.find("first")
    assert issuer.asked == 2
    clock.passes(1)
    assert keys.find("first")
    assert issuer.asked == 3


@pytest.mark.parametrize("answer", GARBAGE)
def test_without_any_keys_the_issuer_is_to_blame(
    keys: IssuerKeys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(tokens, "_keys", lambda: keys)
    token = jwt.encode({}, PRIVATE, algorithm="RS256", headers={"kid": "first"})
    issuer.answer = answer
    with pytest.raises(issuer_keys.FAILURES) as raised:
        authorizer.handler({"authorizationToken": f"Bearer {token}"}, None)
    assert not isinstance(raised.value, authorizer.Unauthorized)


@pytest.mark.parametrize(
    "sign",
    [
        lambda: jwt.encode({}, PRIVATE, algorithm="RS256"),
        lambda: jwt.encode({}, "x" * 32, algorithm="HS256", headers={"kid": "made up"}),
        lambda: jwt.encode({}, "", algorithm="none", headers={"kid": "made up"}),
        lambda: "x.y.z",
    ],
)
def test_what_cannot_be_the_issuers_token_costs_no_fetch(
    keys: IssuerKeys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, sign: Callable[[], str]
) -> None:
    monkeypatch.setattr(tokens, "_keys", lambda: keys)
    with pytest.raises(authorizer.Unauthorized):
        authorizer.handler({"authorizationToken": f"Bearer {sign()}"}, None)
    assert issuer.asked == 0
