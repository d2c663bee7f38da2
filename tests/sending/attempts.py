"""Attempts over a real socket."""

import socket
import time

from functions.webhooks.post import Outcome, post
from tests.support.receiver import Script, receiving

SHORT = 0.15
"""Seconds of an attempt that is to run out of time."""
LATE = 2.0
"""Seconds by which an attempt that ran out of time has ended for certain, on a busy machine, too."""


def send(url: str, body: bytes = b"{}", seconds: float = 5) -> Outcome:
    return post(url, {"webhook-id": "evt_1"}, body, allow_private=True, seconds=seconds)


def outcome_of(script: Script, seconds: float = 5, body: bytes = b"{}") -> Outcome:
    with receiving(script) as receiver:
        started = time.monotonic()
        outcome = send(receiver.url, body, seconds)
        assert time.monotonic() - started < seconds + LATE
        return outcome


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


def full_backlog() -> socket.socket:
    """A port at which connections are no longer taken, nor refused."""
    return socket.create_server(("127.0.0.1", 0), backlog=0)
