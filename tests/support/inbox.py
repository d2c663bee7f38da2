"""A partner's receiver: it verifies, keeps what it accepts, and misbehaves as a test says."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

HANGS_SECONDS = 15.0
"""Longer than an attempt may take."""


@dataclass
class Inbox:
    """What has come. ``behave`` says of each request, by its number, what becomes of it."""

    port: int = 0
    secret: str = ""
    events: dict[str, Any] = field(default_factory=dict)
    """What was accepted, by its id: what comes again is dropped."""
    copies: int = 0
    """How much of it came again."""
    moments: dict[str, float] = field(default_factory=dict)
    behave: Callable[[int], str] = lambda _number: "accept"
    requests: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where webhooks reach it."""
        return f"http://127.0.0.1:{self.port}/hook"

    def accept(self, headers: dict[str, str], body: bytes) -> None:
        """Verify and keep an event."""
        if self.secret:
            Webhook(self.secret).verify(body, headers)
        event = json.loads(body)
        with self.lock:
            self.copies += event["id"] in self.events
            assert self.events.setdefault(event["id"], event) == event
            self.moments.setdefault(event["id"], time.time())

    def latest(self) -> dict[str, Any]:
        """The newest copy of each resource, by its id: that with the highest sequence."""
        copies: dict[str, Any] = {}
        sequences: dict[str, int] = {}
        for event in list(self.events.values()):
            word = event["type"].partition(".")[0]
            resource = event["data"]["product" if word == "balance" else word]
            if event["sequence"] > sequences.get(resource["id"], 0):
                sequences[resource["id"]], copies[resource["id"]] = event["sequence"], resource
        return copies


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        inbox = self.server.inbox
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with inbox.lock:
            inbox.requests += 1
            number = inbox.requests
        getattr(self, f"_{inbox.behave(number)}")(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _keep(self, body: bytes) -> None:
        self.server.inbox.accept({name.lower(): value for name, value in self.headers.items()}, body)

    def _accept(self, body: bytes) -> None:
        self._keep(body)
        self._answer(204)

    def _accept_slowly(self, body: bytes) -> None:
        time.sleep(0.3)
        self._accept(body)

    def _accept_and_reset(self, body: bytes) -> None:
        self._keep(body)
        self._reset(body)

    def _fail(self, _body: bytes) -> None:
        self._answer(500)

    def _redirect(self, _body: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", self.server.inbox.url)
        self.end_headers()

    def _reset(self, _body: bytes) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _hang(self, _body: bytes) -> None:
        self.server.inbox.released.wait(HANGS_SECONDS)

    def _accept_late(self, body: bytes) -> None:
        self._hang(body)
        self._accept(body)

    def _answer(self, status: int) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(("127.0.0.1", inbox.port), _Handler)
        self.inbox = inbox

    def handle_error(self, *_: Any) -> None:
        """A connection that was cut is what a test wanted."""


@contextmanager
def open_inbox(inbox: Inbox) -> Iterator[Inbox]:
    """Receive, at the same port as before if it was open before."""
    with _Server(inbox) as server:
        inbox.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        try:
            yield inbox
        finally:
            inbox.released.set()
            server.shutdown()
            serving.join()
