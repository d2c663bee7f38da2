"""Serves a receiver as partners build them."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any

from tests.sending.partners import Good


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
