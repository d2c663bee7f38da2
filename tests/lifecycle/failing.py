"""Steps that fail."""

from typing import Any

from infra.local.functions import Handler


def failing(step: str, *, after: bool = False, times: int = 1000) -> Any:
    """A fulfil function whose step fails, before or after it did its work."""

    def make(handler: Handler) -> Handler:
        left = [times]

        def fulfil(event: Any, context: Any) -> Any:
            if event["step"] != step or left[0] == 0:
                return handler(event, context)
            left[0] -= 1
            if after:
                handler(event, context)
            raise ConnectionError("the function is gone")

        return fulfil

    return make
