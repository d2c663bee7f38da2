"""Calls of AWS that are counted, one of which fails."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import EndpointConnectionError


class Calls:
    """The calls of AWS in their order; one of them fails before or after it has taken effect."""

    def __init__(self, fails: int = -1, *, after: bool = False) -> None:
        self.made: list[str] = []
        self._fails = fails
        self._after = after

    def through(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call, counted."""

        def counted(*args: Any, **options: Any) -> Any:
            self.made.append(name)
            failing = len(self.made) - 1 == self._fails
            if failing and not self._after:
                raise EndpointConnectionError(endpoint_url="https://aws")
            answer = call(*args, **options)
            if failing:
                raise EndpointConnectionError(endpoint_url="https://aws")
            return answer

        return counted
