"""A small receiver of webhooks that prints what comes."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from infra.operator.printing import print_line

MAX_BODY = 1_024 * 1_024


class Listener(ThreadingHTTPServer):
    """Answers 204 to requests that are signed with its secret, and 401 to others; until it has one, they wait."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        self._secret = ""
        self._has_secret = Event()
        self._seen: set[str] = set()
        self._printing = Lock()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Receive requests in a thread."""
        serving = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield
        finally:
            self.shutdown()
            serving.join()

    def verify_with(self, secret: str) -> None:
        """Begin to answer."""
        self._secret = secret
        self._has_secret.set()

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """Verify what came; return the status to answer with."""
        self._has_secret.wait()
        try:
            event = Webhook(self._secret).verify(body, headers)
        except (WebhookVerificationError, ValueError) as refused:
            self._print(f"refused: {refused}")
            return 401
        self.verified(event)
        return 204

    def verified(self, event: dict[str, Any]) -> None:
        """Print the event."""
        self._print(*_lines(event, again=event["id"] in self._seen))
        self._seen.add(event["id"])

    def _print(self, headline: str, *lines: str) -> None:
        with self._printing:
            print_line(f"{datetime.now().astimezone():%H:%M:%S}  {headline}")
            for line in lines:
                print_line(line)
            sys.stdout.flush()


def _lines(event: dict[str, Any], *, again: bool) -> list[str]:
    """Return what is printed of an event: what happened to what, and all of it."""
    resource = next(iter(event["data"].values()))
    words = [event["type"], f"#{event.get('sequence', '-')}", resource.get("id"), resource.get("status")]
    headline = "  ".join([*filter(None, words), "signature verified", *(["received before"] if again else [])])
    return [headline, *json.dumps(event, indent=4, ensure_ascii=False).splitlines()]


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = 30

    def do_POST(self) -> None:
        """Receive one event."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413)
            return
        self.send_response(self.server.receive(dict(self.headers), self.rfile.read(int(length))))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Leave it to what is printed of the event."""
