"""A door: from API Gateway's event to a function with typed arguments, and back (contract §1).

A door serves the routes of its module. An operation is a plain function of a :class:`Request` and, if it has them,
``query`` and ``body``, whose annotations say what shape they must have::

    def list_orders(request: Request, query: OrderFilters) -> Response: ...

It may run more than once for one request (see :func:`functions.shared.table.retry_on_conflict`): it reads with
``request.read``, decides, and hands its one transaction to ``request.commit``. It need not know of keys: the door
looks a used one up.
"""

import base64
import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from functions.routes import ROUTES, Route, module_of
from functions.shared import dynamodb, idempotency
from functions.shared.headers import API_VERSION, correlation_id_of, headers_of
from functions.shared.links import PublicSettings
from functions.shared.observability import logger, named, observed, report_failure, set_log_context
from functions.shared.operation import MAX_BODY_BYTES, Operation, authorized
from functions.shared.refusals import Code, Refusal
from functions.shared.request import Request, Response

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

OUR_ID = re.compile(r"[a-z]+_[0-9A-HJKMNP-TV-Z]{26}")
PROBLEM = "application/problem+json"
SECURITY_HEADERS = {"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff"}
"""On every answer, the gateway's own included: come by TLS only, and take the body for nothing but its type."""
NOT_KEPT = {"Cache-Control": "no-store"}
"""On every answer that does not say otherwise: most hold personal data, a code or an LPA string."""


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
    headers = headers_of(event)
    correlation_id = correlation_id_of(headers)
    _set_log_context(event, correlation_id)
    codes: set[Code] = set()
    try:
        response = answer(event, correlation_id)
    except Refusal as refusal:
        codes = {fault.code for fault in refusal.faults}
        response = _refuse(refusal, correlation_id)
    except idempotency.Replay as replay:
        response = Response(replay.status, replay.body, replay.headers)
    except Exception:  # noqa: BLE001 - the partner gets a clean 500, the log the error
        report_failure("The request failed.")
        response = _refuse(Refusal(500, "Something failed on our side; try again."), correlation_id)
    made = _our_ids(response.headers.get("Location", "").rpartition("/")[2])
    logger.info("Answered.", extra={"status": response.status, "method": event["httpMethod"], **made})
    about_key = idempotency.response_headers(headers, event["httpMethod"], response.status, codes) if keyed else {}
    return {
        "statusCode": response.status,
        "headers": SECURITY_HEADERS
        | NOT_KEPT
        | about_key
        | response.headers
        | {
            "Correlation-Id": correlation_id,
            "Api-Version": API_VERSION,
            "Content-Type": response.content_type,
        },
    } | _sent(response.body)


def _set_log_context(event: Mapping[str, Any], correlation_id: str) -> None:
    set_log_context(
        correlation_id=correlation_id,
        api_request_id=event["requestContext"].get("requestId"),
        partner=authorized(event).get("partner"),
        client_id=authorized(event).get("client_id"),
        path=event["resource"],
        **_our_ids(*(event.get("pathParameters") or {}).values()),
    )


def _our_ids(*values: str) -> dict[str, str]:
    """Return those values that are ids of ours, by their names; anything else in a path may be personal data."""
    return {name: value for each in values if OUR_ID.fullmatch(each) for name, value in named(each).items()}


def _sent(body: Any) -> dict[str, Any]:
    if body is None:
        return {"body": "", "isBase64Encoded": False}
    if isinstance(body, bytes):
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": json.dumps(body, ensure_ascii=False, separators=(",", ":")), "isBase64Encoded": False}


def _refuse(refusal: Refusal, correlation_id: str) -> Response:
    return Response(refusal.status, refusal.problem(correlation_id), dict(refusal.headers), PROBLEM)
