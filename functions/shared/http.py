"""A door: from API Gateway's event to a function with typed arguments, and back (contract §1).

A door serves the routes of its module. An operation is a plain function of a :class:`Request` and, if it has them,
``query`` and ``body``, whose annotations say what shape they must have::

    def list_orders(request: Request, query: OrderFilters) -> Response: ...

It may run more than once for one request (see :func:`functions.shared.table.retry_on_conflict`): it reads with
``request.read``, decides, and hands its one transaction to ``request.commit``. It need not know of keys: the door
looks a used one up.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from functions.routes import ROUTES, Route, module_of
from functions.shared import answers, dynamodb, idempotency
from functions.shared.answers import NOT_KEPT, PROBLEM, SECURITY_HEADERS, Response
from functions.shared.links import PublicSettings
from functions.shared.observability import observed
from functions.shared.operation import MAX_BODY_BYTES, Operation
from functions.shared.request import Request

__all__ = [
    "MAX_BODY_BYTES",
    "NOT_KEPT",
    "PROBLEM",
    "SECURITY_HEADERS",
    "Handler",
    "Request",
    "Response",
    "door",
    "respond",
    "serve",
]

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def door(module: str) -> Handler:
    """Return the Lambda handler of a module that holds operations."""
    mine = [route for route in ROUTES if module_of(route) == module]
    return serve({route: getattr(sys.modules[module], route.operation) for route in mine})


def serve(functions: Mapping[Route, Callable[..., Response]]) -> Handler:
    """Return the Lambda handler of these routes."""
    PublicSettings.load()
    if any(route.scope for route in functions):
        dynamodb.client()  # made before the snapshot that Lambda takes of a door; what is open to all needs no table
    operations = {(route.method, route.path): Operation(route, function) for route, function in functions.items()}

    @observed()
    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        operation = operations[event["httpMethod"], event["resource"]]
        return respond(event, operation.answer, keyed=operation.route.keyed)

    return handler


def respond(
    event: Mapping[str, Any], answer: Callable[[Mapping[str, Any], str], Response], *, keyed: bool = True
) -> dict[str, Any]:
    """Run ``answer`` on the event and turn what it returns or raises into API Gateway's response.

    Where requests are not ``keyed``, an ``Idempotency-Key`` is ignored, and no header mentions it.
    """

    def answer_or_replay(event: Mapping[str, Any], correlation_id: str) -> Response:
        try:
            return answer(event, correlation_id)
        except idempotency.Replay as replay:
            return Response(replay.status, replay.body, replay.headers)

    return answers.respond(event, answer_or_replay, idempotency.response_headers if keyed else None)
