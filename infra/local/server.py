"""An HTTP server on a port of this machine."""

import errno
import logging
import socket
import socketserver
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

from infra.local.connections import Connections
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.strict import Names, Rejected
from infra.local.wire import Patience, Wire

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "::1")
MAX_CONNECTIONS = 200
"""Each has a thread and a file of its own; macOS lets a process open 256 files."""
STOP_SECONDS = 2.0
"""So long a request may still take when the server stops."""
log = logging.getLogger(__name__)

Handle = Callable[[HttpRequest], HttpResponse]


class PortTaken(Exception):
    """The port cannot be used."""


class Server:
    """Listens from its creation, and answers from :meth:`start` on."""

    def __init__(
        self,
        port: int,
        host: str = HOST,
        *,
        connections: int = MAX_CONNECTIONS,
        patience: Patience | None = None,
        names: frozenset[str] = frozenset(),
    ) -> None:
        try:
            self._listeners = _listen(host, port)
        except OSError as error:
            raise PortTaken(f"{host}:{port} cannot be used: {error.strerror}") from error
        self._connections = Connections(connections)
        for listener in self._listeners:
            listener.connections = self._connections
            listener.patience = patience or Patience()
            listener.names = Names(names, any_address=host not in LOOPBACK)
        self.url = f"http://{_in_url(host)}:{self._listeners[0].server_address[1]}"
        self._threads = [
            Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            for listener in self._listeners
        ]

    def start(self, handle: Handle) -> None:
        """Answer requests; each connection has its own thread."""
        for listener, thread in zip(self._listeners, self._threads, strict=True):
            listener.handle_with = handle
            thread.start()

    def stop(self) -> None:
        """Stop listening, let running requests end for a moment, and close the remaining connections."""
        self._connections.refuse_more()
        for listener, thread in zip(self._listeners, self._threads, strict=True):
            if thread.is_alive():
                listener.shutdown()
            listener.server_close()
        self._connections.end(STOP_SECONDS)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    handle_with: Handle
    connections: Connections
    patience: Patience
    names: Names

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in a thread, as soon as there is room for it."""
        self.connections.admit(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log the error: it is our fault, since connections that clients close are not reported here."""
        log.exception("A connection broke.")


class _Listener6(_Listener):
    address_family = socket.AF_INET6


def _listen(host: str, port: int) -> list[_Listener]:
    """Listen at the host's address; at this machine's own by IPv6 too, if it has that.

    Raise ``OSError`` if the port cannot be used, also at only one of the addresses: ``localhost`` can be either.
    """
    first, *others = (HOST, "::1") if host in LOOPBACK else (host,)
    listeners = [_listener(first, port)]
    for address in others:
        try:
            listeners.append(_listener(address, listeners[0].server_address[1]))
        except OSError as error:
            if port and error.errno == errno.EADDRINUSE:
                listeners[0].server_close()
                raise
    return listeners


def _listener(address: str, port: int) -> _Listener:
    return (_Listener6 if ":" in address else _Listener)((address, port), _Connection)


def _in_url(host: str) -> str:
    """Return how this machine reaches itself there."""
    if host in ("0.0.0.0", "::", *LOOPBACK):  # noqa: S104 - not to listen there
        return HOST
    return f"[{host}]" if ":" in host else host


class _Connection(socketserver.BaseRequestHandler):
    """Serves one connection until either side ends it."""

    request: socket.socket
    server: _Listener

    def handle(self) -> None:
        """Answer one request after the other."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = Wire(self.request, self.server.patience, self.server.names)
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
        return request is not None and self._carry_out(request, wire)

    def _carry_out(self, request: HttpRequest, wire: Wire) -> bool:
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
    # Imported here, because it takes a moment, and a port that is in use should be reported immediately.
    from infra.local.gateway_refusals import Refused  # noqa: PLC0415 - it imports functions that read the environment

    return Refused(status, detail).answer(str(uuid4()))
