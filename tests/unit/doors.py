"""A door of its own, what it answers, and a memory of its keys."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functions.routes import Route
from functions.shared.http import Request, Response, serve
from functions.shared.idempotency import IdempotencyKey
from functions.shared.records import Key
from functions.shared.shapes import Shape

Headers = Sequence[tuple[str, str]]
MAKE = Route("POST", "/things", "things", "make", "things/write")
FETCH = Route("GET", "/things", "things", "fetch", None)
JSON = ("Content-Type", "application/json")


class Thing(Shape):
    """What is made."""

    size: int | None = None


def event(route: Route = MAKE, headers: Headers = (), body: bytes = b"{}") -> dict[str, Any]:
    """API Gateway's event of a request."""
    gathered: dict[str, list[str]] = {}
    for name, value in (JSON, *headers):
        gathered.setdefault(name, []).append(value)
    return {
        "httpMethod": route.method,
        "resource": route.path,
        "headers": {name: values[-1] for name, values in gathered.items()},
        "multiValueHeaders": gathered,
        "body": body.decode(),
        "requestContext": {"authorizer": {"partner": "acme", "scopes": "things/write"}},
    }


class Answer:
    """What came back."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self.status: int = sent["statusCode"]
        self.headers: dict[str, str] = sent["headers"]
        self.body: Any = json.loads(sent["body"])

    @property
    def about_key(self) -> dict[str, str]:
        """The headers that speak of the key."""
        return {name: value for name, value in self.headers.items() if name.startswith("Idempot")}


def ask(operation: Callable[..., Response], *headers: tuple[str, str], body: bytes = b"{}") -> Answer:
    """The answer of a door whose operation this is."""
    return Answer(serve({MAKE: operation})(event(MAKE, headers, body), None))


def make(request: Request, body: Thing) -> Response:
    """An operation that tells what it was given."""
    return Response(200, {"size": body.size, "key": request.key.storage_key.pk if request.key else None})


def fetch(request: Request) -> Response:
    """An open one."""
    return Response(200, {})


def open_to_all(*headers: tuple[str, str]) -> Answer:
    return Answer(serve({FETCH: fetch})(event(FETCH, headers), None))


class Memory:
    """What the table remembers of keys, and how often it was asked."""

    def __init__(self) -> None:
        self.items: dict[Key, dict[str, Any]] = {}
        self.asked = 0

    def get(self, key: Key) -> dict[str, Any] | None:
        """In place of :func:`table.get_committed_item`."""
        self.asked += 1
        return self.items.get(key)

    def remember(self, key: IdempotencyKey | None, expires_at: str = "9999") -> None:
        """As the first try's transaction does."""
        assert key is not None
        answer = {"status": 201, "body": '{"first": true}', "headers": {"Location": "/things/1"}}
        self.items[key.storage_key] = answer | {"fingerprint": key.fingerprint, "expires_at": expires_at}
