"""One request to a partner's endpoint, and what came of it (contract §8, Sending).

``http.client`` parses the answer; the connection is our own, because no client bounds the whole of an exchange or
connects to a literal address under the name of its host.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from http.client import HTTPException, HTTPMessage, HTTPResponse
from time import monotonic
from typing import Any, Literal, cast

from functions.webhooks.urls import Resolve, Target, parse_url, resolve_name
from functions.webhooks.wire import Deadline, RefusedAddress, Wire, connect, secure

SECONDS = 10.0
MAX_CHARACTERS = 1_024
"""So much of a body is kept."""
MAX_BYTES = 4 * MAX_CHARACTERS
"""So much of a body is read: it has at least as many characters, however they are encoded."""
MAX_RETRY_AFTER = 3_600
SWITCHING_PROTOCOLS = 101

Error = Literal["timeout", "dns", "connection", "tls", "refused_address", "redirect", "http_status"]


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a success if there is no error.

    ``retry_after`` are the seconds that the endpoint asks for. A refused address has no duration: how long the lookup
    took is nothing that the endpoint's owner should learn.
    """

    error: Error | None = None
    status_code: int | None = None
    response_body: str | None = None
    retry_after: int | None = None
    duration_ms: int = 0


@dataclass
class _Answer:
    status: int = 0
    headers: HTTPMessage | None = None
    body: bytes = b""


def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    allow_private: bool,
    seconds: float = SECONDS,
    resolve: Resolve = resolve_name,
) -> Outcome:
    """Send the body, and return what came of it within the time; no redirect is followed and no proxy used."""
    started = monotonic()
    deadline = Deadline(seconds)
    answer = _Answer()
    error: Error | None = None
    try:
        target = _parse(url, allow_private=allow_private)
        with closing(_connect(target, deadline, resolve, allow_private=allow_private)) as connection:
            _exchange(Wire(connection, deadline), _request(target, headers, body), answer)
    except (OSError, HTTPException, UnicodeError, RefusedAddress) as fault:
        error = _error(fault)
    return Outcome(
        error=_status_error(answer.status) or error,
        status_code=answer.status or None,
        response_body=answer.body.decode(errors="replace")[:MAX_CHARACTERS] or None,
        retry_after=_retry_after(answer),
        duration_ms=0 if error == "refused_address" else round((monotonic() - started) * 1_000),
    )


def _parse(url: str, *, allow_private: bool) -> Target:
    """Return where the URL leads, by the rules of today, which may be stricter than when it was checked."""
    try:
        return parse_url(url, allow_private=allow_private)
    except ValueError:
        raise RefusedAddress from None


def _connect(target: Target, deadline: Deadline, resolve: Resolve, *, allow_private: bool) -> socket.socket:
    """Connect to an address that was judged, after the one lookup of the host."""
    literals = target.addresses(deadline.left(), resolve)
    addresses = target.judge(literals, allow_private=allow_private)
    if not addresses:
        raise RefusedAddress
    connection = connect(addresses, target.port, deadline)
    if not target.secure:
        return connection
    with closing(connection):
        return secure(connection, target.host, deadline)


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    ours = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (ours | dict(headers)).items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _exchange(wire: Wire, request: bytes, answer: _Answer) -> None:
    """Send the request and note the answer as it arrives, so that what has arrived is known if it is cut off."""
    # An endpoint may answer and close before it has read everything.
    with suppress(BrokenPipeError, ConnectionResetError):
        wire.send(request)
    response = _response(wire)
    while 100 <= response.status < 200 and response.status != SWITCHING_PROTOCOLS:
        response = _response(wire)
    answer.status, answer.headers = response.status, response.headers
    while not _is_enough(answer.body):
        piece = response.read1(MAX_BYTES)
        if not piece and response.length:
            raise ConnectionError("the body is cut off")
        if not piece:
            return
        answer.body += piece


def _is_enough(body: bytes) -> bool:
    return len(body) >= MAX_BYTES or len(body.decode(errors="ignore")) >= MAX_CHARACTERS


def _response(wire: Wire) -> HTTPResponse:
    response = HTTPResponse(cast("Any", wire), method="POST")
    response.begin()
    if wire.ended:  # http.client takes headers that are cut off for complete ones
        raise ConnectionError("the headers are cut off")
    return response


def _status_error(status: int) -> Error | None:
    """Return why an answer with this status is no success; 0 is none."""
    if status == 0 or 200 <= status < 300:
        return None
    return "redirect" if 300 <= status < 400 else "http_status"


def _error(fault: Exception) -> Error:
    """Return the partner's word for what went wrong."""
    if isinstance(fault, TimeoutError):
        return "timeout"
    if isinstance(fault, RefusedAddress):
        return "refused_address"
    if isinstance(fault, socket.gaierror | UnicodeError):
        return "dns"
    return "tls" if isinstance(fault, ssl.SSLError) else "connection"


def _retry_after(answer: _Answer) -> int | None:
    """Return the seconds that a 429 or 503 asks for, up to an hour; a date counts from the answer's own."""
    if answer.status not in (429, 503) or answer.headers is None:
        return None
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return int(min(float(value), MAX_RETRY_AFTER))
    asked, now = _moment(value), _moment(answer.headers.get("Date", ""))
    return None if asked is None or now is None else min(max(asked - now, 0), MAX_RETRY_AFTER)


def _moment(text: str) -> int | None:
    try:
        parts = parsedate_tz(text)
        return None if parts is None else int(mktime_tz(parts))
    except (ValueError, OverflowError):
        return None
