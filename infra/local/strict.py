"""Rejects requests that another program could read differently, and those from other web pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import h11

from infra.local.messages import MAX_BODY_BYTES

MAX_HEAD_BYTES = 10_240
"""API Gateway's limit: the request line and the values of all headers together."""
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""The host names of this machine alone. The name of a web page may lead here too (DNS rebinding)."""
ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}|\[[0-9a-f:.]+\]")
"""No web page can make its name one of these."""

AMBIGUOUS = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\n[ \t]")
"""A line that ends with LF or CR alone, or one that goes on in the next."""
AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:@\[\]]*?)\.?(?::[0-9]*)?")
URL = re.compile(r"https?://(?P<authority>[^/?#]*)(?P<target>.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Names:
    """The host names that a server answers to: its own, ``more``, and any address if it is reached from elsewhere."""

    more: frozenset[str] = frozenset()
    any_address: bool = False

    def include(self, name: str) -> bool:
        """Return whether it is one of them."""
        return name in OWN_NAMES or name in self.more or (self.any_address and bool(ADDRESS.fullmatch(name)))


Fields = Mapping[str, Sequence[str]]
"""The values of a request's headers by their names in lower case."""


class Rejected(Exception):
    """The request is answered with this status and text, and its connection is closed."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)


def too_large_head() -> Rejected:
    """Return the refusal of a request line and headers that are too large."""
    return Rejected(431, f"The request line and the headers' values may have {MAX_HEAD_BYTES} bytes together.")


def too_large_body() -> Rejected:
    """Return the refusal of a body that is too large."""
    return Rejected(413, f"The body is larger than the {MAX_BODY_BYTES} bytes that the API takes.")


def check_lines(head: bytes) -> None:
    """Raise :class:`Rejected` if the lines of a request's head can be split in two ways."""
    if AMBIGUOUS.search(head):
        raise Rejected(400, "Each header must be one line that ends with CRLF.")


def check(request: h11.Request, fields: Fields, head: bytes, names: Names) -> str:
    """Return the request's path and query. Raise :class:`Rejected` if it must not be carried out.

    ``fields`` are its headers, ``head`` is what it was read from, ``names`` are those of the server.
    """
    if request.http_version not in (b"1.0", b"1.1"):
        raise Rejected(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    if head.index(b"\r\n") + sum(len(value) for values in fields.values() for value in values) > MAX_HEAD_BYTES:
        raise too_large_head()
    _check_length(request, fields)
    target, *authority = _target_of(request)
    hosts = [host.lower() for host in [*fields.get("host", ()), *authority]]
    _check_hosts(hosts, names)
    _check_origins(fields.get("origin", ()), hosts)
    return target


def _target_of(request: h11.Request) -> tuple[str, ...]:
    """Return the path and query and, if the target is a URL, its authority."""
    written = request.target.decode("ascii")
    if url := URL.fullmatch(written):
        return f"/{url['target'].removeprefix('/')}", url["authority"]
    if not written.startswith("/"):
        raise Rejected(400, "The request's target must be a path or an http URL.")
    return (written,)


def _check_length(request: h11.Request, fields: Fields) -> None:
    chunked = "transfer-encoding" in fields
    if chunked and request.http_version == b"1.0":
        raise Rejected(400, "HTTP/1.0 has no Transfer-Encoding.")
    lengths = fields.get("content-length")
    if chunked and lengths:
        raise Rejected(400, "A request must not have both Content-Length and Transfer-Encoding.")
    if lengths and int(lengths[0]) > MAX_BODY_BYTES:
        raise too_large_body()


def _check_hosts(hosts: Sequence[str], names: Names) -> None:
    for host in hosts:
        authority = AUTHORITY.fullmatch(host)
        if not authority or not names.include(authority[1]):
            known = ", ".join(["127.0.0.1", "localhost", *sorted(names.more)])
            raise Rejected(421, f"This server answers to {known} only (PUBLIC_URL), not to the host {host[:100]!r}.")


def _check_origins(origins: Sequence[str], hosts: Sequence[str]) -> None:
    """Raise :class:`Rejected` for a request from a web page (named by ``Origin``) that is not of this server."""
    for origin in origins:
        scheme, _, host = origin.lower().partition("://")
        if scheme not in ("http", "https") or host not in hosts:
            raise Rejected(403, f"Web pages may not use this server; this request came from one of {origin[:100]!r}.")
