"""An attempt over a real socket: what is sent, what comes back, and how it fails."""

import socket
import struct

import pytest
from hypothesis import example, given
from hypothesis import settings as steps
from hypothesis import strategies as st

from functions.webhooks.post import post
from functions.webhooks.wire import MAX_READ
from tests.sending.attempts import LATE, answer, outcome_of
from tests.support.receiver import OK, Receiver, Script, answering, dripping, read_request, receiving, silent


def test_what_is_sent() -> None:
    with receiving(answering(OK)) as receiver:
        url = f"http://localhost:{receiver.port}/a/ä?b=c%20d"
        outcome = post(url, {"webhook-id": "evt_1"}, '{"ü":1}'.encode(), allow_private=True)
    assert (outcome.error, outcome.status_code, outcome.response_body) == (None, 200, "ok")
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


@pytest.mark.parametrize("reads_on", [True, False], ids=["reads on", "closes"])
def test_an_endpoint_may_answer_before_it_has_read_everything(reads_on: bool) -> None:
    def hasty(connection: socket.socket, _receiver: Receiver) -> None:
        connection.recv(10)
        connection.sendall(answer("413 Too large", body=b"at most 10"))
        connection.shutdown(socket.SHUT_WR)
        while reads_on and connection.recv(65_536):
            pass

    outcome = outcome_of(hasty, body=b"x" * 20_000_000)
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
