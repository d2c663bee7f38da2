"""No attempt outlasts its deadline."""

import socket
from threading import Event

import pytest

from functions.webhooks.post import post
from tests.sending.attempts import LATE, SHORT, full_backlog, outcome_of, send
from tests.support.receiver import Script, dripping, silent


@pytest.mark.parametrize(
    "script",
    [
        silent,
        dripping(b"", b"H", 0.01),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-Line: x\r\n", 0.01),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.01),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.01),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x", 0.01),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x", 0.01),
    ],
    ids=["silent", "status", "headers", "interim", "body", "chunks", "length", "chunk's extension"],
)
def test_dripping_does_not_outlast_the_deadline(script: Script) -> None:
    outcome = outcome_of(script, SHORT)
    assert outcome.error == "timeout"
    assert SHORT * 1_000 <= outcome.duration_ms + 1 < LATE * 1_000


def test_what_had_come_of_a_body_that_took_too_long_is_kept() -> None:
    late = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nso far", b"", SHORT)
    outcome = outcome_of(late, SHORT)
    assert (outcome.error, outcome.status_code, outcome.response_body) == ("timeout", 200, "so far")
    failed = outcome_of(dripping(b"HTTP/1.1 500 No\r\nContent-Length: 9999\r\n\r\nso far", b"", SHORT), SHORT)
    assert (failed.error, failed.status_code, failed.response_body) == ("http_status", 500, "so far")


def test_an_endpoint_that_reads_nothing_does_not_outlast_the_deadline() -> None:
    assert outcome_of(silent, SHORT, body=b"x" * 20_000_000).error == "timeout"


def test_a_name_that_takes_too_long_to_resolve() -> None:
    answered = Event()

    def slow(_name: str) -> list[str]:
        answered.wait()
        return ["127.0.0.1"]

    outcome = post("https://example.com/", {}, b"", allow_private=True, seconds=SHORT, resolve=slow)
    answered.set()
    assert outcome.error == "timeout"
    assert outcome.duration_ms < LATE * 1_000


def test_an_endpoint_that_takes_no_connection() -> None:
    with full_backlog() as listener, socket.create_connection(listener.getsockname()[:2]):
        outcome = send(f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=SHORT)
    assert outcome.error == "timeout"
