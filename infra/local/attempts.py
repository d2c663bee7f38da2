"""What the sender of webhooks is at: the sandbox waits for it, but not for endpoints that hang."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Lock, get_ident
from typing import Any

from functions.webhooks import sending, worker
from infra.local import activity
from infra.local.patches import all_replaced

HANGS_AFTER_SECONDS = 2.0
"""So long a move of the time waits for an attempt."""


class Tasks:
    """The messages that have left the queue and are not carried out yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._unfinished = 0
        self._attempts: dict[int, float | None] = {}
        """The threads that carry a message out, and since when they let an endpoint take its time."""
        self._workers: set[int] = set()
        """The threads whose messages are carried out by the sender itself, and not by a stand-in."""

    def add(self, count: int) -> None:
        """Count messages that have left the queue or, if negative, are no longer handled."""
        with self._lock:
            self._unfinished += count

    def idle(self) -> bool:
        """Whether nothing is left of them but endpoints that hang."""
        with self._lock:
            since = [each for each in self._attempts.values() if each is not None]
            return self._unfinished <= sum(time.monotonic() - each > HANGS_AFTER_SECONDS for each in since)

    def given_up(self) -> bool:
        """Whether the function that was called in this thread has carried nothing out, as stand-ins do."""
        with self._lock:
            worked = get_ident() in self._workers
            self._workers.discard(get_ident())
        return not worked

    def works(self) -> None:
        """Say that the messages given to this thread are carried out."""
        with self._lock:
            self._workers.add(get_ident())

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Carry out a message in this thread."""
        with self._lock:
            self._attempts[get_ident()] = None
        try:
            yield
        finally:
            with self._lock:
                del self._attempts[get_ident()]
                # What was not received from the queue is not counted.
                self._unfinished = max(0, self._unfinished - 1)

    def let_take_its_time(self, since: float | None) -> None:
        """Note that an endpoint has been asked, if a message wants that."""
        with self._lock:
            if get_ident() in self._attempts:
                self._attempts[get_ident()] = since


def observed(tasks: Callable[[], Tasks]) -> AbstractContextManager[None]:
    """Keep the tasks up to date with what the sender does."""
    from functions.webhooks import send  # noqa: PLC0415 - reads the environment that was just prepared

    return all_replaced(
        (send, "carry_out", lambda carry_out: partial(_carry_out, tasks, carry_out)),
        (sending, "attempt", lambda attempt: partial(_attempt, tasks, attempt)),
        (worker, "work", lambda work: partial(_work, tasks, work)),
    )


def _carry_out(tasks: Callable[[], Tasks], carry_out: Callable[[str], None], body: str) -> None:
    with tasks().carrying_out():
        carry_out(body)


def _attempt(
    tasks: Callable[[], Tasks], attempt: Callable[..., Any], webhook: Any, event: Any, number: int
) -> tuple[Any, Any]:
    mine = tasks()
    mine.let_take_its_time(time.monotonic())
    made, retry_after = attempt(webhook, event, number)
    mine.let_take_its_time(None)
    activity.log_attempt(event, webhook, made)
    return made, retry_after


def _work(tasks: Callable[[], Tasks], work: Callable[..., Any], *args: Any) -> Any:
    tasks().works()
    return work(*args)
