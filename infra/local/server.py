"""A port of this machine, and what answers behind it."""

import json
import logging
import socketserver
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any

from infra.local.messages import HttpRequest, HttpResponse

HOST = "127.0.0.1"
IDLE_SECONDS = 75
MOST_READ = 64 * 1024 * 1024
"""A body of more than this is not even read to its end; one that is only too large for the API is, to be told so."""
log = logging.getLogger(__name__)

Handle = Callable[[HttpRequest], HttpResponse]


class PortTaken(Exception):
    """The port cannot be used."""


class Server:
    """Listens from the beginning; answers once it has something to answer with."""

    def __init__(self, port: int) -> None:
        try:
            self._listener = _Listener((HOST, port), _Connection)
        except OSError as error:
            raise PortTaken(f"{HOST}:{port} cannot be used: {error.strerror}") from error
        self.url = f"http://{HOST}:{self._listener.server_address[1]}"
        self._thread = Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self, handle: Handle) -> None:
        """Answer requests, those of each connection in a thread of its own."""
        self._listener.handle_with = handle
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._thread.is_alive():
            self._listener.shutdown()
        self._listener.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    handle_with: Handle

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away as they like; everything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            log.exception("A connection broke.")


class _Connection(BaseHTTPRequestHandler):
    """Keeps connections open and sends an answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    wbufsize = -1
    default_request_version = "HTTP/1.0"
    server: _Listener

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            self.send_error(400, "The body is malformed.")
            return
        request = HttpRequest(self.command, self._target(), tuple(self.headers.items()), body)
        self._send(self.server.handle_with(request))

    def _send(self, answer: HttpResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - the base's names

    def _target(self) -> str:
        """Path and query; a proxy's request line has the whole URL."""
        return self.path if self.path.startswith("/") else "/" + self.path.partition("://")[2].partition("/")[2]

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_READ:
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            try:
                length = int(self.rfile.readline(100).partition(b";")[0], 16)
            except ValueError:
                return None
            if length < 0 or len(body) + length > MOST_READ:
                return None
            body += self.rfile.read(length)
            if self.rfile.readline(3).strip():
                return None
            if length == 0:
                return body

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """Answer what cannot be understood, and begin anew with another connection."""
        phrase = HTTPStatus(code).phrase
        problem = {"title": phrase, "status": int(code), "detail": message or phrase}
        headers = {"Content-Type": "application/problem+json", "Connection": "close"}
        self._send(HttpResponse(code, headers, json.dumps(problem).encode()))

    def version_string(self) -> str:
        """What the ``Server`` header says."""
        return "mobile-orders"

    def log_message(self, *_args: Any) -> None:
        """No line per request: the functions write theirs."""
