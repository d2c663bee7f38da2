"""``GET /health``: that the API answers (contract §1).

A door of its own, without what most others need, so that it starts in a fraction of their time.
"""

from collections.abc import Mapping
from typing import Any

from functions.shared.answers import Response, respond
from functions.shared.headers import check_version, headers_of
from functions.shared.observability import observed
from functions.shared.refusals import invalid, unknown_parameter


def get_health(_request: object) -> Response:
    """Answer, and touch nothing."""
    return Response(200, {"status": "ok"})


def head_health(_request: object) -> Response:
    """Answer without a body."""
    return Response(200, b"")


OPERATIONS = {"GET": get_health, "HEAD": head_health}


def _answer(event: Mapping[str, Any], _correlation_id: str) -> Response:
    check_version(headers_of(event))
    if unknown := event.get("multiValueQueryStringParameters"):
        raise invalid(*map(unknown_parameter, unknown))
    return OPERATIONS[event["httpMethod"]](event)


@observed()
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer API Gateway's event."""
    return respond(event, _answer)
