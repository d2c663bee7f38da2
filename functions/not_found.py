"""What API Gateway sends to no door: paths that do not exist and methods that a path does not have."""

from collections.abc import Mapping
from typing import Any

from functions.routes import ROUTES
from functions.shared.http import Response, respond
from functions.shared.refusals import Refusal


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer 405 with the methods there are, or 404 if there are none."""
    return respond(event, _refuse)


def _refuse(event: Mapping[str, Any], _correlation_id: str) -> Response:
    methods = sorted({route.method for route in ROUTES if route.path == event["resource"]})
    if not methods:
        raise Refusal(404, "There is no such path.")
    raise Refusal(405, f"This path takes {', '.join(methods)} only.", headers={"Allow": ", ".join(methods)})
