"""Lets requests in, or lets them wait while the system is brought back to its first state."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """How many requests are inside, and whether more may come."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be inside, as soon as it is open."""
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
        """Close it as one who is inside, once nobody else has it closed, and wait so long for the others to leave."""
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
