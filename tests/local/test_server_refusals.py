"""What the server on one machine refuses: what could be read in two ways, and who may not use it."""

import pytest

from infra.local.strict import MAX_HEAD_BYTES
from tests.local.lines import CHUNKED, POST, Line, refusal


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: +1\r\n\r\n1",
        POST + b"Content-Length: many\r\n\r\n",
        POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        POST + b"Content-Length: 1, 2\r\n\r\n12",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"-1\r\n\r\n",
        CHUNKED + b"3\r\none0\r\n\r\n",
        CHUNKED + b"0\r\n\n",
        CHUNKED + b"0\r\nA: b\n\r\n",
        CHUNKED + b"0\r\nA : b\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/what\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\tc\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n",
        b"GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\rA: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        b"GET orders HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET ftp://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(port: int, sent: bytes) -> None:
    assert refusal(port, sent).status == 400


@pytest.mark.parametrize(
    "encoding", [b"gzip, chunked", b"chunked, chunked", b"identity", b"chunked\r\nTransfer-Encoding: chunked"]
)
def test_another_transfer_encoding_is_refused(port: int, encoding: bytes) -> None:
    assert refusal(port, POST + b"Transfer-Encoding: " + encoding + b"\r\n\r\n0\r\n\r\n").status == 501


def test_another_version_of_http_is_refused(port: int) -> None:
    assert refusal(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status == 505


def test_as_many_headers_as_the_gateway_takes(port: int) -> None:
    line = b"GET / HTTP/1.1"
    room = MAX_HEAD_BYTES - len(line) - len(b"localhost")
    fits = line + b"\r\nHost: localhost\r\nA: " + b"x" * room + b"\r\n\r\n"
    with Line(port) as client:
        client.socket.sendall(fits)
        assert client.answer().status == 200
    assert refusal(port, fits.replace(b"xx", b"xxx", 1)).status == 431
    assert refusal(port, line + b"\r\n" + b"Name-Without-A-Value:\r\n" * 10_000).status == 431


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9", "localhost", "LocalHost.:80", "[::1]", "[::1]:8080"])
def test_it_answers_to_its_own_names(port: int, host: str) -> None:
    with Line(port) as line:
        line.send(f"GET / HTTP/1.1\nHost: {host}\n\n")
        assert line.answer().status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io:8080",
        "a@localhost",
        "localhost.x, a",
        "10.0.0.1",
        "",
    ],
)
def test_it_answers_to_no_other_name(port: int, host: str) -> None:
    answer = refusal(port, f"POST /oauth2/token HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert (answer.status, "localhost" in answer.json["detail"]) == (421, True)
    if host and " " not in host:
        assert refusal(port, f"GET http://{host}/ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()).status == 421


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:3000", "http://127.0.0.1:8080.evil.example", "null", "file://"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_web_page_may_not_use_it(port: int, method: str, origin: str) -> None:
    head = f"{method} /oauth2/token HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: {origin}\r\n\r\n"
    answer = refusal(port, head.encode())
    assert (answer.status, "Web pages" in answer.json["detail"]) == (403, True)


def test_its_own_pages_may(port: int) -> None:
    with Line(port) as line:
        line.send("POST / HTTP/1.1\nHost: LOCALHOST:8080\nOrigin: http://localhost:8080\n\n")
        assert line.answer().status == 200
