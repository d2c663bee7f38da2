"""Admits requests, or makes them wait while the system is reset."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """The number of admitted requests, and whether more are admitted."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Wait until the gate is open, and count as inside."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self, seconds: float) -> Iterator[None]:
        """Close the gate from inside, once nobody else has, and wait at most ``seconds`` for the others to leave."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0, seconds)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._inside += 1
                self._changed.notify_all()
