"""Everything that is left to chance, drawn from one source, each under the name of the place at which it is decided."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Made = Mapping[str, Any]
"""What was decided, by its places; at all other places nothing unusual happens."""


class Decisions:
    """Draws what happens at each place or, told ``only`` some, lets these alone happen again."""

    def __init__(self, seed: int, only: Made | None = None) -> None:
        self.chance = Random(seed)  # noqa: S311 - the same each time
        self.made: dict[str, Any] = {}
        self._only = only

    def at(self, place: str, draw: Callable[[Random], T | None]) -> T | None:
        """Return what happens at a place; ``None`` is what usually does."""
        drawn: T | None = draw(self.chance) if self._only is None else self._only.get(place)
        if drawn is not None:
            self.made[place] = drawn
        return drawn
