"""A receiver as partners build them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Thread
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Headers = dict[str, str]
Event = dict[str, Any]


class Good:
    """Answers with a status what it has received."""

    server: type[HTTPServer] = ThreadingHTTPServer
    before_body: Callable[[Headers], None] = staticmethod(lambda _headers: None)

    def __init__(self, secret: str) -> None:
        self.webhook = Webhook(secret)
        self.seen: set[str] = set()

    def answer(self, headers: Headers, body: bytes) -> int:
        """Verify, and take what has not been taken before."""
        try:
            self.verify(headers, body)
        except (WebhookVerificationError, ValueError):
            return 401
        return self.take(json.loads(body))

    def verify(self, headers: Headers, body: bytes) -> None:
        """Raise an error if it is not genuine."""
        self.webhook.verify(body, headers)

    def take(self, event: Event) -> int:
        """Take an event that is genuine."""
        self.seen.add(event["id"])
        return 204


@contextmanager
def partner(receiver: Good) -> Iterator[str]:
    """Let it receive, and yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.before_body(headers)
            length = int(headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return
            self.send_response(receiver.answer(headers, body))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with receiver.server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            thread.join()
