"""The function for requests without an operation: unknown paths, and methods that a path does not have."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.routes import ROUTES, Route
from functions.shared.answers import authorized
from functions.shared.headers import check_token, headers_of
from functions.shared.http import Handler, Response, respond
from functions.shared.observability import observed
from functions.shared.refusals import Refusal


def fallback(routes: Sequence[Route]) -> Handler:
    """Return the Lambda handler, which answers 405 with the allowed methods, or 404 if there are none."""

    def refuse(event: Mapping[str, Any], _correlation_id: str) -> Response:
        check_token(headers_of(event), authorized(event))
        methods = sorted({route.method for route in routes if route.path == event["resource"]})
        if not methods:
            raise Refusal(404, "This path does not exist.")
        raise Refusal(405, f"This path only allows {', '.join(methods)}.", headers={"Allow": ", ".join(methods)})

    return observed()(lambda event, _context: respond(event, refuse))


handler = fallback(ROUTES)
