"""What the sandbox prints, without waiting for anybody to read it."""

import json
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import TextIO

MAX_LINES = 10_000
"""Held back for a reader that is slow."""


def dropped(how: str, count: int) -> str:
    """Return the line that stands for lines which nobody has read in time."""
    text = f"{count} lines were dropped, because the lines before them were not read"
    return (json.dumps({"level": "WARNING", "message": text, "service": "sandbox"}) if how == "json" else text) + "\n"


class Output:
    """A stream whose writers never wait: text that finds no room is dropped, and ``dropped`` words how many were."""

    def __init__(self, stream: TextIO, dropped: Callable[[int], str], lines: int = MAX_LINES) -> None:
        self._stream = stream
        self._words = dropped
        self._waiting: Queue[str | Event] = Queue(lines)
        self._dropped = 0
        self._lock = Lock()
        Thread(target=self._run, name="output", daemon=True).start()

    def write(self, text: str) -> int:
        """Write the text as soon as it is read."""
        with self._lock:
            try:
                if self._dropped:
                    self._waiting.put_nowait(self._words(self._dropped))
                    self._dropped = 0
                self._waiting.put_nowait(text)
            except Full:
                self._dropped += 1
        return len(text)

    def flush(self) -> None:
        """Wait for nobody."""

    def drain(self, seconds: float) -> None:
        """Wait for as long, at most, until everything is written."""
        written = Event()
        with suppress(Full):
            self._waiting.put(written, timeout=seconds)
            written.wait(seconds)

    def _run(self) -> None:
        while True:
            waiting = self._waiting.get()
            if isinstance(waiting, Event):
                waiting.set()
                continue
            # There may be nobody to read any more.
            with suppress(OSError):
                self._stream.write(waiting)
                self._stream.flush()
