"""A port of this machine, and what answers behind it."""

import logging
import socket
import socketserver
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

from infra.local.connections import Connections
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.strict import Rejected
from infra.local.wire import Patience, Wire

HOST = "127.0.0.1"
MOST_CONNECTIONS = 200
"""Each has a thread and a file of its own; macOS lets a process open 256 files."""
STOP_SECONDS = 2.0
"""So long a request may still take when the server stops."""
log = logging.getLogger(__name__)

Handle = Callable[[HttpRequest], HttpResponse]


class PortTaken(Exception):
    """The port cannot be used."""


class Server:
    """Listens from the beginning; answers once it has something to answer with."""

    def __init__(self, port: int, *, connections: int = MOST_CONNECTIONS, patience: Patience | None = None) -> None:
        try:
            self._listener = _Listener((HOST, port), _Connection)
        except OSError as error:
            raise PortTaken(f"{HOST}:{port} cannot be used: {error.strerror}") from error
        self._listener.connections = Connections(connections)
        self._listener.patience = patience or Patience()
        self.url = f"http://{HOST}:{self._listener.server_address[1]}"
        self._thread = Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self, handle: Handle) -> None:
        """Answer requests, those of each connection in a thread of its own."""
        self._listener.handle_with = handle
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, give running requests a moment to be answered, and cut off what still runs then."""
        self._listener.connections.refuse_more()
        if self._thread.is_alive():
            self._listener.shutdown()
        self._listener.server_close()
        self._listener.connections.end(STOP_SECONDS)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    handle_with: Handle
    connections: Connections
    patience: Patience

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in a thread, when there is room for one more."""
        self.connections.admit(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is a fault of ours: clients that go away are expected."""
        log.exception("A connection broke.")


class _Connection(socketserver.BaseRequestHandler):
    """Serves one connection until either side ends it."""

    request: socket.socket
    server: _Listener

    def handle(self) -> None:
        """Answer one request after the other."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = Wire(self.request, self.server.patience)
        try:
            while self._serve_one(wire):
                pass
        except OSError:
            # The client is gone, or takes its answer too slowly.
            return
        finally:
            self.server.connections.leave(self.request)

    def _serve_one(self, wire: Wire) -> bool:
        try:
            request = wire.receive()
        except Rejected as rejected:
            wire.send(_problem(rejected.status, str(rejected)), last=True)
            wire.linger()
            return False
        if request is None:
            return False
        with self.server.connections.busy(self.request):
            answer = self._answer(request)
            last = self.server.connections.ending
            try:
                return wire.send(answer, last=last)
            except ValueError:
                log.exception("The answer to %s %s cannot be sent.", request.method, request.path)
                return wire.send(_problem(500), last=last)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.server.handle_with(request)
        except Exception:
            log.exception("%s %s failed.", request.method, request.path)
            return _problem(500)


def _problem(status: int, detail: str | None = None) -> HttpResponse:
    """What the gateway would answer."""
    # Imported here, because it takes a moment and a port that is in use should be told at once.
    from infra.local.gateway_refusals import Refused  # noqa: PLC0415

    return Refused(status, detail).answer(str(uuid4()))
