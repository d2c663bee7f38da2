"""Connections to a server of this machine, byte by byte."""

import json
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from infra.local.messages import HttpRequest, HttpResponse, json_response
from infra.local.server import HOST, Server


def echo(request: HttpRequest) -> HttpResponse:
    received = {"method": request.method, "target": request.target, "body": request.body.decode()}
    if request.path == "/nothing":
        return HttpResponse(204)
    if request.path == "/broken":
        raise RuntimeError("injected")
    if request.path == "/split":
        return HttpResponse(200, {"X-Echoed": "one\r\nX-Two: two"})
    return json_response(
        200, received | {"names": [name for name, _ in request.headers], "twice": request.values("x-twice")}
    )


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


POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
