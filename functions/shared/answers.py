"""An answer, and how API Gateway gets it, without what only some doors need: the table, shapes, keys (contract §1)."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.shared.headers import API_VERSION, Headers, correlation_id_of, headers_of
from functions.shared.observability import logger, named, report_failure, set_log_context
from functions.shared.refusals import Code, Refusal

OUR_ID = re.compile(r"[a-z]+_[0-9A-HJKMNP-TV-Z]{26}")
HAL = "application/hal+json"
PROBLEM = "application/problem+json"
SECURITY_HEADERS = {"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff"}
"""On every answer, the gateway's own included: come by TLS only, and take the body for nothing but its type."""
NOT_KEPT = {"Cache-Control": "no-store"}
"""On every answer that does not say otherwise: most hold personal data, a code or an LPA string."""


@dataclass
class Response:
    """An answer; ``body`` is what is sent as JSON or, if it is ``bytes``, as it is."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = HAL


Answer = Callable[[Mapping[str, Any], str], Response]
"""What answers an event under a correlation id."""
AboutKey = Callable[[Headers, str, int, set[Code]], dict[str, str]]


def authorized(event: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the authorizer says of who asks."""
    return event["requestContext"].get("authorizer") or {}


def respond(event: Mapping[str, Any], answer: Answer, about_key: AboutKey | None = None) -> dict[str, Any]:
    """Run ``answer`` on the event and turn what it returns or raises into API Gateway's response.

    ``about_key`` makes the headers about an ``Idempotency-Key``, where there can be one.
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
    except Exception:  # noqa: BLE001 - the partner gets a clean 500, the log the error
        report_failure("The request failed.")
        response = _refuse(Refusal(500, "Something failed on our side; try again."), correlation_id)
    made = _our_ids(response.headers.get("Location", "").rpartition("/")[2])
    logger.info("Answered.", extra={"status": response.status, "method": event["httpMethod"], **made})
    keyed = about_key(headers, event["httpMethod"], response.status, codes) if about_key else {}
    return {
        "statusCode": response.status,
        "headers": SECURITY_HEADERS
        | NOT_KEPT
        | keyed
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
