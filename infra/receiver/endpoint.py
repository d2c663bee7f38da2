"""A partner's own receiver, to which events are sent as the system sends them, or as it never would."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from time import sleep, time
from typing import Any

from ulid import ULID

from functions.shared.clock import iso
from functions.webhooks.post import SECONDS, Outcome, post
from functions.webhooks.signature import sign
from functions.webhooks.urls import Target, parse_url

Event = dict[str, Any]
Headers = dict[str, str]
API = "https://api.example.com"
PIECES = 5
"""In which half of a body comes before it is cut off."""
PAUSE_SECONDS = 0.1


def order_event(
    event_type: str = "order.completed", *, order_id: str | None = None, sequence: int = 4, at: datetime | None = None
) -> Event:
    """Return an event of an order that was never placed."""
    moment = iso(at or datetime.now(UTC))
    order_id = order_id or f"ord_{ULID()}"
    order = {
        "id": order_id,
        "created_at": moment,
        "updated_at": moment,
        "status": "completed",
        "type": "cancel_subscription",
        "expected_by": moment,
        "completed_at": moment,
        "_links": {
            "self": {"href": f"{API}/orders/{order_id}"},
            "subscriber": {"href": f"{API}/subscribers/subr_{ULID()}"},
            "history": {"href": f"{API}/orders/{order_id}/history"},
        },
    }
    event_id = f"evt_{ULID.from_datetime(at or datetime.now(UTC))}"
    return {"id": event_id, "type": event_type, "created_at": moment, "sequence": sequence, "data": {"order": order}}


def body_of(event: Event) -> bytes:
    """Return what is sent of an event."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Endpoint:
    """Where a partner receives webhooks; ``seconds`` is how long it may take to answer."""

    url: str
    secret: str
    basic_auth: str | None = None
    seconds: float = SECONDS

    def send(self, event: Event, *secrets: str, age: int = 0) -> Outcome:
        """Send an event, signed with its secret or with others, by a clock that is late by so many seconds."""
        body = body_of(event)
        return self.deliver(self.signed(event, body, *secrets, age=age), body)

    def signed(self, event: Event, body: bytes, *secrets: str, age: int = 0) -> Headers:
        """Return the headers that sign a body."""
        return sign(secrets or (self.secret,), event["id"], int(time()) - age, body)

    def deliver(self, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send what was signed, or tampered with."""
        return post(self.url, self._headers() | dict(headers), body, allow_private=True, seconds=self.seconds)

    @contextmanager
    def half_sent(self, event: Event) -> Iterator[None]:
        """Send half of an event, slowly, and cut the connection off afterwards."""
        target = parse_url(self.url, allow_private=True)
        connect: Callable[..., HTTPConnection] = HTTPSConnection if target.secure else HTTPConnection
        with closing(connect(target.host, target.port, timeout=self.seconds)) as connection:
            with suppress(OSError):  # the receiver may cut it off first
                self._send_half(connection, target, event)
            yield

    def _send_half(self, connection: HTTPConnection, target: Target, event: Event) -> None:
        body = body_of(event)
        connection.putrequest("POST", target.path, skip_host=True)
        headers = {"Host": target.authority, "Content-Length": str(len(body))}
        for name, value in (headers | self._headers() | self.signed(event, body)).items():
            connection.putheader(name, value)
        connection.endheaders()
        size = len(body) // 2 // PIECES
        for start in range(0, size * PIECES, size):
            connection.send(body[start : start + size])
            sleep(PAUSE_SECONDS)

    def _headers(self) -> Headers:
        headers = {"Content-Type": "application/hal+json", "User-Agent": "mobile-orders-check-receiver"}
        if self.basic_auth:
            headers["Authorization"] = f"Basic {b64encode(self.basic_auth.encode()).decode()}"
        return headers
