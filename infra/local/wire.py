"""HTTP/1.1 on one connection. h11 reads what comes; what it would let through but should not is in ``strict``."""

import re
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

import h11

from infra.local.messages import MAX_BODY_BYTES, HttpRequest, HttpResponse
from infra.local.strict import Fields, Names, Rejected, check, check_lines, too_large_body, too_large_head

MAX_READ = 64 * 1024
"""So much is read at once, and of a head at all: the names of its headers count too here."""
LINGER_SECONDS = 2.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
END = b"\r\n\r\n"
CLOSE = "close"
KEEP_ALIVE = "keep-alive"
UNWRITABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class Patience:
    """How long a client may keep its connection waiting, in seconds: for the next request, and for each part of it."""

    idle: float = 60.0
    head: float = 10.0
    body: float = 30.0
    answer: float = 10.0


class Wire:
    """One client's connection: one request after the other, each with its answer."""

    def __init__(self, client: socket.socket, patience: Patience, names: Names) -> None:
        self._client = client
        self._patience = patience
        self._names = names
        self._received = b""
        self._method = ""
        self._connection = CLOSE

    def receive(self) -> HttpRequest | None:
        """Wait for a request and return it; ``None`` if the client sends no more.

        Raise :class:`Rejected` for a request that must not be carried out, and ``OSError`` if the client is gone.
        """
        self._method, self._connection = "", CLOSE
        head = self._head()
        if head is None:
            return None
        protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_READ)
        try:
            protocol.receive_data(head)
            request = _only_request(protocol.next_event())
            self._method = request.method.decode()
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw_items()]
            fields = _by_name(headers)
            target = check(request, fields, head, self._names)
            body = self._body(protocol, fields)
        except h11.RemoteProtocolError as error:
            raise Rejected(error.error_status_hint, f"The request is not valid HTTP: {str(error)[:200]}.") from None
        self._connection = _persistence(request, fields)
        return HttpRequest(self._method, target, headers, body)

    def send(self, answer: HttpResponse, *, last: bool = False) -> bool:
        """Answer the received request; return whether there may be another one.

        Raise ``ValueError`` if a header of the answer cannot be sent; nothing has been sent then.
        """
        connection = CLOSE if last else self._connection
        status = HTTPStatus(answer.status)
        has_body = status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        length = {"Content-Length": str(len(answer.body))} if has_body else {}
        wish = {"Connection": connection} if connection else {}
        headers = {**answer.headers, "Date": formatdate(usegmt=True), **length, **wish}
        head = _written(f"HTTP/1.1 {status} {status.phrase}", headers)
        self._write(head + answer.body if has_body and self._method != "HEAD" else head)
        return connection != CLOSE

    def linger(self) -> None:
        """Wait until a client that is still sending has read its refusal: closing at once resets the connection."""
        deadline = time.monotonic() + LINGER_SECONDS
        try:
            self._client.shutdown(socket.SHUT_WR)
            while self._read(deadline):
                pass
        except OSError:
            return

    def _head(self) -> bytes | None:
        data = self._received
        deadline = time.monotonic() + (self._patience.head if data else self._patience.idle)
        while (end := data.find(END)) < 0:
            check_lines(data)
            if len(data) > MAX_READ:
                raise too_large_head()
            more = self._read_head(deadline, begun=bool(data))
            if not more:
                return None
            deadline = deadline if data else time.monotonic() + self._patience.head
            data += more
        head, self._received = data[: end + len(END)], data[end + len(END) :]
        check_lines(head)
        # An empty line before a request is ignored (RFC 9112, section 2.2).
        return head.removeprefix(b"\r\n")

    def _read_head(self, deadline: float, *, begun: bool) -> bytes:
        """Return more of a head; nothing if the client sends no request."""
        try:
            return self._read(deadline)
        except TimeoutError:
            if not begun:
                return b""
            raise Rejected(408, f"The headers did not come within {self._patience.head:g} seconds.") from None

    def _body(self, protocol: h11.Connection, fields: Fields) -> bytes:
        """Return the body, without the trailers that may follow its chunks."""
        if "content-length" not in fields and "transfer-encoding" not in fields:
            return b""
        if protocol.they_are_waiting_for_100_continue and not self._received:
            self._write(CONTINUE)
        body, seen = self._read_body(protocol)
        rest, _ = protocol.trailing_data
        if "transfer-encoding" in fields and not seen[: len(seen) - len(rest)].endswith(END):
            raise Rejected(400, "The chunks of a body must end with an empty line, and each line with CRLF.")
        self._received = rest + self._received
        return body

    def _read_body(self, protocol: h11.Connection) -> tuple[bytes, bytes]:
        """Return the body, and the last that was received."""
        deadline = time.monotonic() + self._patience.body
        body, seen = bytearray(), b""
        while not isinstance(event := protocol.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY_BYTES:
                    raise too_large_body()
            else:
                data = self._more(deadline)
                seen = seen[-len(END) :] + data
                protocol.receive_data(data)
        return bytes(body), seen

    def _more(self, deadline: float) -> bytes:
        """Return what was received with the head, or else wait for more."""
        if self._received:
            data, self._received = self._received, b""
            return data
        try:
            return self._read(deadline)
        except TimeoutError:
            raise Rejected(408, f"The body did not come within {self._patience.body:g} seconds.") from None

    def _read(self, deadline: float) -> bytes:
        self._client.settimeout(max(deadline - time.monotonic(), 0.001))
        return self._client.recv(MAX_READ)

    def _write(self, data: bytes) -> None:
        self._client.settimeout(self._patience.answer)
        self._client.sendall(data)


def _only_request(event: object) -> h11.Request:
    if not isinstance(event, h11.Request):
        raise Rejected(400, "The request has no request line.")
    return event


def _by_name(headers: Sequence[tuple[str, str]]) -> Fields:
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    return fields


def _persistence(request: h11.Request, fields: Fields) -> str:
    """Return the value of the answer's ``Connection``; empty if an open connection is the default."""
    wishes = {wish.strip() for value in fields.get("connection", ()) for wish in value.lower().split(",")}
    if CLOSE in wishes:
        return CLOSE
    if request.http_version == b"1.1":
        return ""
    return KEEP_ALIVE if KEEP_ALIVE in wishes else CLOSE


def _written(status_line: str, headers: Mapping[str, str]) -> bytes:
    """Return the head of an answer. Raise ``ValueError`` if a header would not be one line of it."""
    lines = [status_line, *(f"{name}: {value}" for name, value in headers.items())]
    if any(UNWRITABLE.search(line) for line in lines):
        raise ValueError("a header of the answer has control characters")
    return "\r\n".join(lines).encode("latin-1") + END
