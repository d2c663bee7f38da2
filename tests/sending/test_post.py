"""An attempt over a real socket: what is sent, what comes back, and each way in which it fails."""

import socket
import struct
import time
from itertools import cycle
from threading import Event

import pytest
from hypothesis import example, given
from hypothesis import settings as steps
from hypothesis import strategies as st

from functions.webhooks.post import Outcome, post
from functions.webhooks.wire import MAX_READ
from tests.support.receiver import OK, Receiver, Script, answering, dripping, read_request, receiving, silent

SHORT = 0.15
"""Seconds of an attempt that is to run out of time."""
LATE = 2.0
"""Seconds by which an attempt that ran out of time has ended for certain, on a busy machine, too."""


def send(url: str, body: bytes = b"{}", seconds: float = 5) -> Outcome:
    return post(url, {"webhook-id": "evt_1"}, body, allow_private=True, seconds=seconds)


def outcome_of(script: Script, seconds: float = 5, body: bytes = b"{}") -> Outcome:
    with receiving(script) as receiver:
        started = time.monotonic()
        outcome = send(receiver.url, body, seconds)
        assert time.monotonic() - started < seconds + LATE
        return outcome


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


def test_what_is_sent() -> None:
    with receiving(answering(OK)) as receiver:
        url = f"http://localhost:{receiver.port}/a/ä?b=c%20d"
        outcome = post(url, {"webhook-id": "evt_1"}, '{"ü":1}'.encode(), allow_private=True)
    assert (outcome.error, outcome.status_code, outcome.response_body) == (None, 200, "ok")
    assert outcome.duration_ms is not None
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /a/%C3%A4?b=c%20d HTTP/1.1"
    assert sorted(headers) == [
        "Connection: close",
        "Content-Length: 8",
        f"Host: localhost:{receiver.port}",
        "webhook-id: evt_1",
    ]
    assert body.decode() == '{"ü":1}'


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Fine"])
def test_any_2xx_is_success(status: str) -> None:
    assert outcome_of(answering(answer(status))).error is None


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503, 600, 999])
def test_any_other_status_is_a_failed_attempt(status: int) -> None:
    outcome = outcome_of(answering(answer(f"{status} No", body=b"why")))
    assert (outcome.error, outcome.status_code, outcome.response_body) == ("http_status", status, "why")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiving(answering(OK)) as inside:
        outcome = outcome_of(answering(answer(f"{status} There", f"Location: {inside.url}")))
    assert (outcome.error, outcome.status_code) == ("redirect", status)
    assert inside.connections == 0


def test_interim_answers_are_passed_over() -> None:
    interim = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    )
    outcome = outcome_of(answering(interim + OK))
    assert (outcome.error, outcome.status_code, outcome.response_body) == (None, 200, "ok")
    assert outcome_of(answering(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")).error == "http_status"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
def test_the_proxies_of_the_environment_are_not_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(silent) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert outcome_of(answering(OK)).error is None
        assert proxy.connections == 0


def test_an_endpoint_may_answer_before_it_has_read_everything() -> None:
    def hasty(connection: socket.socket, _receiver: Receiver) -> None:
        connection.recv(10)
        connection.sendall(answer("413 Too large", body=b"at most 10"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass

    outcome = outcome_of(hasty, body=b"x" * 1_000_000)
    assert (outcome.error, outcome.status_code, outcome.response_body) == ("http_status", 413, "at most 10")


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", None),
        ("ü".encode() * 1_025, "ü" * 1_024),
        ("😀".encode() * 1_025, "😀" * 1_024),
        (b"x" * 1_023 + "ü".encode(), "x" * 1_023 + "ü"),
        (b"\xff" * 5_000, "\ufffd" * 1_024),
        (b"a\x00\xffb", "a\x00\ufffdb"),
    ],
    ids=["empty", "two bytes", "four bytes", "a cut character", "not UTF-8", "mixed"],
)
def test_the_first_1024_characters_are_kept(body: bytes, kept: str | None) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:1_024], body[1_024:]) if piece)
    for whole in (
        answer("200 OK", body=body),
        b"HTTP/1.1 200 OK\r\n\r\n" + body,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n",
    ):
        outcome = outcome_of(answering(whole))
        assert (outcome.error, outcome.response_body) == (None, kept)


def test_an_endless_body_is_left_when_enough_of_it_has_come() -> None:
    outcome = outcome_of(dripping(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_100, b"x", 0.01), seconds=60)
    assert (outcome.error, outcome.response_body) == (None, "x" * 1_024)
    assert outcome.duration_ms is not None
    assert outcome.duration_ms < LATE * 1_000


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_at_most_64_kb_are_read(head: str) -> None:
    sent: list[int] = []
    line = b"1;" + b"x" * 998 + b"\r\nx\r\n" if "chunked" in head else b"X-Line: " + b"x" * 1_000 + b"\r\n"

    def endless(connection: socket.socket, receiver: Receiver) -> None:
        read_request(connection)
        connection.sendall(head.encode())
        while not receiver.over.is_set():
            connection.sendall(line)
            sent.append(len(line))

    outcome = outcome_of(endless)
    assert outcome.error == "connection"
    assert len(outcome.response_body or "") * len(line) <= MAX_READ
    assert sum(sent) < 10_000_000


# Time.


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
    assert outcome.duration_ms is not None
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


def full_backlog() -> socket.socket:
    """A port at which connections are no longer taken, nor refused."""
    return socket.create_server(("127.0.0.1", 0), backlog=0)


def test_an_endpoint_that_takes_no_connection() -> None:
    with full_backlog() as listener, socket.create_connection(listener.getsockname()[:2]):
        outcome = send(f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=SHORT)
    assert outcome.error == "timeout"


# Connections.


def test_a_name_that_does_not_resolve() -> None:
    for error in (socket.gaierror(socket.EAI_NONAME, "unknown"), socket.gaierror(socket.EAI_AGAIN, "later")):

        def unknown(_name: str, error: OSError = error) -> list[str]:
            raise error

        outcome = post("https://example.com/", {}, b"", allow_private=True, resolve=unknown)
        assert (outcome.error, outcome.status_code) == ("dns", None)


def reset(connection: socket.socket, _receiver: Receiver) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "script",
    [
        reset,
        answering(b""),
        answering(b"HTTP/1.1 200"),
        answering(b"HTTP/1.1 200 OK\r\nServer: x"),
        answering(b"HTTP/1.1 200 OK\r\nServer: x\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        answering(b"SSH-2.0-OpenSSH_9.6\r\n"),
        answering(b"HTTP/2 200\r\n\r\n"),
    ],
    ids=[
        "reset",
        "closed",
        "in the status",
        "in a header",
        "in the headers",
        "in the body",
        "in a chunk",
        "after a chunk",
        "no chunk",
        "SSH",
        "HTTP/2",
    ],
)
def test_a_cut_connection_is_a_failed_attempt(script: Script) -> None:
    assert outcome_of(script).error == "connection"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refused_address_looks_like_a_closed_port() -> None:
    refused = send("https://169.254.169.254/")
    assert refused == send(f"http://127.0.0.1:{closed_port()}/") == Outcome("refused_address")


def test_the_next_address_is_tried() -> None:
    with receiving(answering(OK)) as receiver:
        url = f"http://example.com:{receiver.port}/"
        outcome = post(url, {}, b"", allow_private=True, resolve=lambda _name: ["127.0.0.2", "::1", "127.0.0.1"])
    assert outcome.error is None
    assert f"Host: example.com:{receiver.port}".encode() in receiver.requests[0]


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    with full_backlog() as listener, socket.create_connection(listener.getsockname()[:2]):
        port = listener.getsockname()[1]
        with socket.create_server(("127.0.0.2", port)) as second:
            url = f"http://example.com:{port}/"
            outcome = post(
                url, {}, b"", allow_private=True, seconds=1, resolve=lambda _name: ["127.0.0.1", "127.0.0.2"]
            )
            second.setblocking(False)
            second.accept()[0].close()
    assert outcome.error == "timeout"


def test_four_addresses_are_tried_at_most() -> None:
    with receiving(answering(OK)) as receiver:
        names = [f"127.0.0.{last}" for last in (2, 3, 4, 5, 1)]
        url = f"http://example.com:{receiver.port}/"
        assert post(url, {}, b"", allow_private=True, resolve=lambda _name: names).error == "refused_address"
        assert post(url, {}, b"", allow_private=True, resolve=lambda _name: names[1:]).error is None


# The inside.


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f.1:{port}/",
        "https://0177.0.0.1:{port}/",
        "https://\uff11\uff12\uff17.0.0.1:{port}/",
        "https://127.0.0.1.:{port}/",
        "https://example.com@127.0.0.1:{port}/",
    ],
)
def test_a_deployed_stage_does_not_connect_to_the_inside(url: str) -> None:
    with receiving(answering(OK)) as inside:
        outcome = post(url.format(port=inside.port), {}, b"", allow_private=False)
    assert outcome == Outcome("refused_address")
    assert inside.connections == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "2606:4700::1111"]])
def test_a_name_that_leads_inside_is_not_connected_to(addresses: list[str]) -> None:
    with receiving(answering(OK)) as inside:
        url = f"https://example.com:{inside.port}/"
        outcome = post(url, {}, b"", allow_private=False, resolve=lambda _name: addresses)
    assert outcome == Outcome("refused_address")
    assert inside.connections == 0


def test_a_name_that_answers_differently_the_second_time_is_not_asked_again() -> None:
    answers = cycle([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []

    def rebinding(name: str) -> list[str]:
        asked.append(name)
        return next(answers)

    with receiving(answering(OK)) as receiver:
        url = f"http://example.com:{receiver.port}/"
        assert post(url, {}, b"", allow_private=True, resolve=rebinding).error is None
        assert asked == ["example.com"]
        assert post(url, {}, b"", allow_private=True, resolve=rebinding) == Outcome("refused_address")


def test_the_address_really_connected_to_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(answering(OK)) as receiver:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _self: ("10.0.0.1", 80), raising=False)
        outcome = send(receiver.url)
    assert outcome == Outcome("refused_address")
    assert not receiver.requests


# Retry-After.

DATE = "Date: Thu, 26 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        ("429 Later", ["Retry-After: 120"], 120),
        ("503 Later", ["Retry-After:   7  "], 7),
        ("503 Later", ["retry-after: 0"], 0),
        ("503 Later", ["Retry-After: 3601"], 3_600),
        ("503 Later", ["Retry-After: " + "9" * 5_000], 3_600),
        ("503 Later", [DATE, "Retry-After: Thu, 26 Nov 2026 10:02:00 GMT"], 120),
        ("503 Later", [DATE, "Retry-After: Thursday, 26-Nov-26 10:02:00 GMT"], 120),
        ("503 Later", [DATE, "Retry-After: Fri, 27 Nov 2026 10:02:00 GMT"], 3_600),
        ("503 Later", [DATE, "Retry-After: Thu, 26 Nov 2026 09:00:00 GMT"], 0),
        ("503 Later", [DATE, "Retry-After: Thu, 26 Nov 99999 09:00:00 GMT"], None),
        ("503 Later", ["Retry-After: Fri, 27 Nov 2099 10:02:00 GMT"], None),
        ("503 Later", ["Retry-After: soon"], None),
        ("503 Later", ["Retry-After: -5"], None),
        ("503 Later", ["Retry-After: ²"], None),
        ("503 Later", ["Retry-After:"], None),
        ("503 Later", [], None),
        ("500 No", ["Retry-After: 120"], None),
        ("301 There", ["Retry-After: 120"], None),
        ("200 OK", ["Retry-After: 120"], None),
    ],
)
def test_when_an_endpoint_wants_to_be_tried_again(status: str, headers: list[str], seconds: int | None) -> None:
    assert outcome_of(answering(answer(status, *headers))).retry_after == seconds


FRAGMENTS = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 x\r\n", b"HTTP/1.0 503 \r\n", b"\r\n", b"\r\n\r\n", b"-1\r\n", b"0\r\n",
    b"5\r\n", b"Content-Length: -5\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Retry-After: ",
    b"Date: ",
])  # fmt: skip


@steps(max_examples=60)
@given(st.lists(FRAGMENTS | st.binary(max_size=20), max_size=12).map(b"".join))
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc")
def test_no_answer_makes_an_attempt_fail_otherwise(raw: bytes) -> None:
    outcome = outcome_of(answering(raw))
    assert outcome.error in (None, "connection", "http_status", "redirect")
