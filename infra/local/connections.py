"""The open connections of a server: how many there may be, and how they end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition


class Connections:
    """The open connections, each either waiting for its client or handling a request."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[socket.socket, None] = {}
        self._busy: set[socket.socket] = set()
        self._changed = Condition()
        self.ending = False

    def admit(self, client: socket.socket) -> None:
        """Add a new connection. If there are too many, close the one that has waited longest for its client."""
        with self._changed:
            self._changed.wait_for(lambda: self.ending or self._waiting or len(self._busy) < self._limit)
            if self._waiting and len(self._waiting) + len(self._busy) >= self._limit:
                self._cut(next(iter(self._waiting)))
            self._waiting[client] = None

    def leave(self, client: socket.socket) -> None:
        """Remove a connection that has ended."""
        with self._changed:
            self._waiting.pop(client, None)
            self._changed.notify_all()

    @contextmanager
    def busy(self, client: socket.socket) -> Iterator[None]:
        """Count the connection among those that must not be closed."""
        with self._changed:
            self._waiting.pop(client, None)
            self._busy.add(client)
        try:
            yield
        finally:
            with self._changed:
                self._busy.remove(client)
                self._waiting[client] = None
                self._changed.notify_all()

    def refuse_more(self) -> None:
        """End every connection once its request is answered."""
        with self._changed:
            self.ending = True
            self._changed.notify_all()

    def end(self, seconds: float) -> None:
        """Wait at most ``seconds`` for running requests, then close every connection."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, seconds)
            for client in [*self._waiting, *self._busy]:
                self._cut(client)

    def _cut(self, client: socket.socket) -> None:
        self._waiting.pop(client, None)
        # The thread that reads from it notices, closes it and leaves.
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
