"""The open connections of a server: how many there may be, and how they end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition


class Connections:
    """The connections by what they do: wait for their client, or have a request carried out."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[socket.socket, None] = {}
        self._busy: set[socket.socket] = set()
        self._changed = Condition()
        self.ending = False

    def admit(self, client: socket.socket) -> None:
        """Take a new connection in. If there are too many, the one that has waited longest for its client is cut."""
        with self._changed:
            self._changed.wait_for(lambda: self.ending or self._waiting or len(self._busy) < self._most)
            if self._waiting and len(self._waiting) + len(self._busy) >= self._most:
                self._cut(next(iter(self._waiting)))
            self._waiting[client] = None

    def leave(self, client: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._changed:
            self._waiting.pop(client, None)
            self._changed.notify_all()

    @contextmanager
    def busy(self, client: socket.socket) -> Iterator[None]:
        """Count the connection among those that must not be cut."""
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
        """Let every connection end once its request is answered."""
        with self._changed:
            self.ending = True
            self._changed.notify_all()

    def end(self, seconds: float) -> None:
        """Wait so long for the requests that are being carried out, then cut every connection."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, seconds)
            for client in [*self._waiting, *self._busy]:
                self._cut(client)

    def _cut(self, client: socket.socket) -> None:
        self._waiting.pop(client, None)
        # The thread that reads from it notices, closes it and leaves.
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
