"""A function that remembers its calls."""

from collections.abc import Callable
from typing import Any

from infra.local.functions import Handler

WAIT_SECONDS = 5.0


class Calls:
    """A stand-in that remembers what it was given and answers as the test says."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        self.given: list[Any] = []
        self._answer = answer

    def in_place_of(self, _handler: Handler) -> Handler:
        return self

    def __call__(self, event: Any, _context: Any) -> Any:
        self.given.append(event)
        return self._answer(event)
