"""The HTTP front, with real connections."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from infra.local.messages import HttpRequest, HttpResponse, json_response
from infra.local.server import HOST, PortTaken, Server


def echo(request: HttpRequest) -> HttpResponse:
    told = {"method": request.method, "target": request.target, "body": request.body.decode()}
    return json_response(200, told | {"twice": [value for name, value in request.headers if name == "X-Twice"]})


@pytest.fixture
def port() -> Iterator[int]:
    """Where the echo listens."""
    server = Server(0)
    server.start(echo)
    yield int(server.url.rpartition(":")[2])
    server.stop()


def test_a_connection_serves_many_requests(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        for method, body in (("GET", None), ("POST", b"{}"), ("PATCH", b"x" * 100_000), ("DELETE", None)):
            connection.request(method, "/a%20b?c=%2F", body)
            answer = HttpResponse(200, {}, connection.getresponse().read()).json()
            assert (answer["method"], answer["target"]) == (method, "/a%20b?c=%2F")
            assert answer["body"] == (body or b"").decode()


def test_a_body_may_come_in_chunks(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", iter([b"one", b"two"]), encode_chunked=True)
        assert HttpResponse(200, {}, connection.getresponse().read()).json()["body"] == "onetwo"
        connection.request("GET", "/again")
        assert connection.getresponse().read()


def test_a_head_has_no_body(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("HEAD", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.request("GET", "/")
        assert connection.getresponse().read()


def test_a_header_may_come_twice(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.putrequest("GET", "/")
        connection.putheader("X-Twice", "1")
        connection.putheader("X-Twice", "2")
        connection.endheaders()
        assert HttpResponse(200, {}, connection.getresponse().read()).json()["twice"] == ["1", "2"]


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/what\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(port: int, sent: bytes) -> None:
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(sent)
        answer = b""
        while received := connection.recv(4096):
            answer += received
    assert answer.splitlines()[0].split()[1] == b"400"
    assert b"application/problem+json" in answer


def test_a_port_in_use_is_told(port: int) -> None:
    with pytest.raises(PortTaken, match=str(port)):
        Server(port)
