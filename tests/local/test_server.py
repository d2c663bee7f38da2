"""The HTTP front, with real connections."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Thread
from typing import Any, NamedTuple, Self

import pytest

from infra.local.messages import MAX_BODY_BYTES, HttpRequest, HttpResponse, json_response
from infra.local.server import HOST, PortTaken, Server
from infra.local.strict import MAX_HEAD_BYTES
from infra.local.wire import Patience


def echo(request: HttpRequest) -> HttpResponse:
    told = {"method": request.method, "target": request.target, "body": request.body.decode()}
    if request.path == "/nothing":
        return HttpResponse(204)
    if request.path == "/broken":
        raise RuntimeError("injected")
    if request.path == "/split":
        return HttpResponse(200, {"X-Echoed": "one\r\nX-Two: two"})
    return json_response(
        200, told | {"names": [name for name, _ in request.headers], "twice": request.values("x-twice")}
    )


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the echo listens."""
    yield from listening(Server(0))


def listening(server: Server) -> Iterator[int]:
    server.start(echo)
    yield int(server.url.rpartition(":")[2])
    server.stop()


class Answer(NamedTuple):
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """A client that writes bytes as they are."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=5)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, text: str) -> None:
        self.socket.sendall(text.replace("\n", "\r\n").encode("latin-1"))

    def answer(self, *, head_only: bool = False) -> Answer:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        length = 0 if head_only else int(headers.get("Content-Length", "0"))
        return Answer(status, headers, self._file.read(length))

    def ended(self) -> bool:
        return self._file.read() == b""


def refusal(port: int, sent: bytes) -> Answer:
    """What is answered to bytes after which the connection is closed; in the form that every refusal has."""
    with Line(port) as line:
        line.socket.sendall(sent)
        answer = line.answer()
        assert line.ended()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Connection"] == "close"
    assert {"title", "status", "detail", "correlation_id"} == answer.json.keys()
    assert answer.json["status"] == answer.status
    assert answer.json["correlation_id"] == answer.headers["Correlation-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    return answer


def test_a_connection_serves_many_requests(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        for method, body in (("GET", None), ("POST", b"{}"), ("PATCH", b"x" * 100_000), ("DELETE", None)):
            connection.request(method, "/a%20b?c=%2F", body)
            answer = HttpResponse(200, {}, connection.getresponse().read()).json()
            assert (answer["method"], answer["target"]) == (method, "/a%20b?c=%2F")
            assert answer["body"] == (body or b"").decode()


def test_requests_may_be_sent_before_the_answers_came(port: int) -> None:
    with Line(port) as line:
        line.send("POST /1 HTTP/1.1\nHost: localhost\nContent-Length: 3\n\nonePOST /2 HTTP/1.1\nHost: localhost\n")
        line.send("Transfer-Encoding: chunked\n\n3\ntwo\n0\n\nGET /3 HTTP/1.1\nHost: localhost\n\n")
        answers = [line.answer().json for _ in range(3)]
    assert [(answer["target"], answer["body"]) for answer in answers] == [("/1", "one"), ("/2", "two"), ("/3", "")]


def test_a_body_may_come_in_chunks(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", iter([b"one", b"two"]), encode_chunked=True)
        assert HttpResponse(200, {}, connection.getresponse().read()).json()["body"] == "onetwo"
        connection.request("GET", "/again")
        assert connection.getresponse().read()


def test_a_trailer_is_no_header(port: int) -> None:
    with Line(port) as line:
        line.send("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n3;a=b\none\n0\nX-Twice: 1\n\n")
        assert line.answer().json["body"] == "one"
        line.send("GET / HTTP/1.1\nHost: localhost\n\n")
        assert line.answer().json["twice"] == []


def test_a_body_is_asked_for_before_it_is_sent(port: int) -> None:
    with Line(port) as line:
        line.send("POST / HTTP/1.1\nHost: localhost\nExpect: 100-continue\nContent-Length: 3\n\n")
        assert line.answer() == (100, {}, b"")
        line.send("one")
        assert line.answer().json["body"] == "one"


def test_a_body_that_is_too_large_is_not_asked_for(port: int) -> None:
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    assert refusal(port, head.encode()).status == 413


def test_a_client_that_sends_too_much_reads_why(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", b"x" * (MAX_BODY_BYTES + 1))
        assert connection.getresponse().status == 413
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", iter([b"x" * MAX_BODY_BYTES, b"x"]), encode_chunked=True)
        assert connection.getresponse().status == 413


def test_an_old_client_may_keep_its_connection(port: int) -> None:
    with Line(port) as line:
        for _ in range(2):
            line.send("GET / HTTP/1.0\nConnection: Keep-Alive\n\n")
            answer = line.answer()
            assert (answer.status, answer.headers["Connection"]) == (200, "keep-alive")
        line.send("GET / HTTP/1.0\n\n")
        assert line.answer().headers["Connection"] == "close"
        assert line.ended()


def test_a_client_may_end_its_connection(port: int) -> None:
    with Line(port) as line:
        line.send("GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        assert line.answer().headers["Connection"] == "close"
        assert line.ended()


def test_a_head_has_no_body(port: int) -> None:
    with Line(port) as line:
        line.send("".join(f"{method} / HTTP/1.1\nHost: localhost\n\n" for method in ("GET", "HEAD", "PUT")))
        length = line.answer().headers["Content-Length"]
        assert int(line.answer(head_only=True).headers["Content-Length"]) == int(length) + 1
        assert line.answer().json["method"] == "PUT"


def test_an_answer_without_content_has_no_length(port: int) -> None:
    with Line(port) as line:
        line.send("DELETE /nothing HTTP/1.1\nHost: localhost\n\nGET / HTTP/1.1\nHost: localhost\n\n")
        answer = line.answer()
        assert (answer.status, "Content-Length" in answer.headers) == (204, False)
        assert line.answer().status == 200


def test_a_header_may_come_twice_and_keeps_its_name(port: int) -> None:
    with Line(port) as line:
        line.send("\nGET / HTTP/1.1\nHost: localhost\nX-Twice: 1\nx-twice:\t2 \n\n")
        told = line.answer().json
    assert (told["names"], told["twice"]) == (["Host", "X-Twice", "x-twice"], ["1", "2"])


@pytest.mark.parametrize("path", ["/broken", "/split"])
def test_a_fault_of_ours_is_answered_and_the_connection_goes_on(port: int, path: str) -> None:
    with Line(port) as line:
        line.send(f"GET {path} HTTP/1.1\nHost: localhost\n\nGET / HTTP/1.1\nHost: localhost\n\n")
        failed = line.answer()
        assert (failed.status, failed.json["title"]) == (500, "Internal error")
        assert "X-Two" not in failed.headers
        assert line.answer().status == 200


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://127.0.0.1:1/a?b", "/a?b"),
        ("HTTP://LOCALHOST/a//b", "/a//b"),
        ("http://localhost", "/"),
        ("http://localhost?b", "/?b"),
        ("//a", "//a"),
    ],
)
def test_a_target_may_be_a_whole_url(port: int, target: str, path: str) -> None:
    with Line(port) as line:
        line.send(f"GET {target} HTTP/1.1\nHost: localhost\n\n")
        assert line.answer().json["target"] == path


POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


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


def test_it_answers_to_the_names_under_which_others_reach_it() -> None:
    server = Server(0, "0.0.0.0", names=frozenset({"sandbox.test"}))  # noqa: S104 - what is tested
    try:
        server.start(lambda _request: HttpResponse(204))
        port = int(server.url.rpartition(":")[2])
        for host, status in (("sandbox.test:80", 204), ("10.0.0.1", 204), ("[fd00::1]", 204), ("evil.example", 421)):
            with Line(port) as line:
                line.send(f"GET / HTTP/1.1\nHost: {host}\n\n")
                assert line.answer().status == status, host
    finally:
        server.stop()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_listens_at_both_addresses_of_this_machine(port: int) -> None:
    with closing(http.client.HTTPConnection("::1", port, timeout=5)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 200


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


def test_a_slow_client_is_told_or_forgotten() -> None:
    patience = Patience(idle=0.3, head=0.1, body=0.1)
    for port in listening(Server(0, patience=patience)):
        assert refusal(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n").status == 408
        assert refusal(port, POST + b"Content-Length: 2\r\n\r\n1").status == 408
        assert refusal(port, CHUNKED + b"1\r\n1\r\n").status == 408
        assert refusal(port, CHUNKED + b"1\n1\n0\n\n").status == 408
        with Line(port) as line:
            assert line.ended()


def test_a_client_that_drips_is_not_waited_for() -> None:
    patience = Patience(head=0.3)
    for port in listening(Server(0, patience=patience)):
        with Line(port) as line:
            began = time.monotonic()
            line.send("GET / HTTP/1.1\nHost: localhost\n")
            while time.monotonic() - began < 0.25:
                line.send("A: b\n")
                time.sleep(0.05)
            assert line.answer().status == 408
            assert time.monotonic() - began < 2


def test_many_slow_clients_do_not_keep_another_one_out() -> None:
    for port in listening(Server(0, connections=8)):
        slow = [Line(port) for _ in range(40)]
        for line in slow:
            line.send("GET / HTTP/1.1\nHost: localhost\n")
        with Line(port) as line:
            line.send("GET / HTTP/1.1\nHost: localhost\n\n")
            assert line.answer().status == 200
        assert slow[0].ended()
        for line in slow:
            line.__exit__()


def test_it_stops_when_what_runs_is_answered() -> None:
    server = Server(0)
    begun, answered = Event(), Event()

    def slow(request: HttpRequest) -> HttpResponse:
        begun.set()
        answered.wait(5)
        return echo(request)

    server.start(slow)
    port = int(server.url.rpartition(":")[2])
    with Line(port) as idle, Line(port) as running:
        running.send("GET / HTTP/1.1\nHost: localhost\n\n")
        assert begun.wait(5)
        stopping = Thread(target=server.stop)
        stopping.start()
        stopping.join(0.2)
        assert stopping.is_alive()
        answered.set()
        assert running.answer().headers["Connection"] == "close"
        stopping.join(5)
        assert not stopping.is_alive()
        assert idle.ended()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


def test_a_port_in_use_is_told(port: int) -> None:
    with pytest.raises(PortTaken, match=str(port)):
        Server(port)
