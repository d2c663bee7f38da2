"""TLS: the name of the URL is asked for and must be in the certificate, whichever address it leads to."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext, SSLSocket

import pytest
from cryptography import x509

from functions.webhooks import wire
from functions.webhooks.post import Outcome, post
from tests.support.certificates import certify
from tests.support.receiver import OK, answering, receiving, silent

Certify = Callable[..., SSLContext]
NAME = x509.DNSName("receiver.example")


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certify]:
    """Make what a server speaks TLS with, and trust it."""

    def make(*names: x509.GeneralName, expired: bool = False) -> SSLContext:
        context, trusted = certify(tmp_path, names, expired=expired)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        wire.tls_context.cache_clear()
        return context

    yield make
    wire.tls_context.cache_clear()


def send(url: str, seconds: float = 5) -> Outcome:
    return post(url, {}, b"{}", allow_private=True, seconds=seconds, resolve=lambda _name: ["127.0.0.1"])


def test_the_name_is_asked_for_and_compared(certified: Certify) -> None:
    tls = certified(NAME)
    asked: list[str | None] = []

    def note(_connection: SSLSocket, name: str | None, _context: SSLContext) -> None:
        asked.append(name)

    tls.sni_callback = note  # type: ignore[assignment] # typeshed knows only SSLObject here
    with receiving(answering(OK), tls) as receiver:
        outcome = send(f"https://Receiver.example.:{receiver.port}/")
        assert (outcome.error, outcome.response_body) == (None, "ok")
        assert f"Host: receiver.example:{receiver.port}".encode() in receiver.requests[0]
        assert send(f"https://other.example:{receiver.port}/").error == "tls"
        assert send(f"https://127.0.0.1:{receiver.port}/").error == "tls"
    assert asked == ["receiver.example", "other.example", None]
    assert len(receiver.requests) == 1


def test_an_address_in_the_url_must_be_in_the_certificate(certified: Certify) -> None:
    with receiving(answering(OK), certified(x509.IPAddress(ip_address("127.0.0.1")))) as receiver:
        assert send(f"https://127.0.0.1:{receiver.port}/").error is None
        assert send(f"https://receiver.example:{receiver.port}/").error == "tls"


def test_a_certificate_that_has_expired_is_refused(certified: Certify) -> None:
    with receiving(answering(OK), certified(NAME, expired=True)) as receiver:
        assert send(f"https://receiver.example:{receiver.port}/").error == "tls"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    tls, _ = certify(tmp_path, [NAME])
    with receiving(answering(OK), tls) as receiver:
        assert send(f"https://receiver.example:{receiver.port}/").error == "tls"
    assert not receiver.requests


def test_a_server_without_tls() -> None:
    with receiving(answering(OK)) as receiver:
        assert send(f"https://receiver.example:{receiver.port}/", 0.3).error in ("tls", "timeout")


def test_a_handshake_does_not_outlast_the_deadline() -> None:
    with receiving(silent) as receiver:
        outcome = send(f"https://receiver.example:{receiver.port}/", 0.15)
    assert outcome.error == "timeout"
    assert outcome.duration_ms < 2_000
