"""An HTTP request and its answer, however they arrived."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

MAX_BODY_BYTES = 10 * 1024 * 1024
"""API Gateway's limit."""


@dataclass(frozen=True)
class HttpRequest:
    """A request as it was sent: ``target`` is path and query with their percent-encoding."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The encoded path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded parameters of the query."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def values(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for other, value in self.headers if other.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the last value of a header."""
        values = self.values(name)
        return values[-1] if values else None


@dataclass(frozen=True)
class HttpResponse:
    """An answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as a JSON value."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return a header, ignoring the case of its name."""
        return next((value for other, value in self.headers.items() if other.lower() == name.lower()), None)


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer in plain JSON."""
    return HttpResponse(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode())
