"""The gateway's own error responses, in the form of ours (contract §1): for API Gateway and the local gateway."""

from http import HTTPStatus
from typing import Any

from functions.shared.headers import API_VERSION
from functions.shared.http import NOT_KEPT, PROBLEM, SECURITY_HEADERS
from functions.shared.refusals import TITLES

DETAILS = {
    400: "The request is malformed.",
    401: "A valid bearer token is required.",
    403: "This client is not allowed to use the API.",
    404: "This path does not exist.",
    413: "The request is larger than the API allows.",
    415: "The body must be sent as application/json.",
    429: "The rate limit is exceeded; send the request again in a second.",
    500: "Something failed on our side; try again.",
}
CODES = {429: "rate_limit_exceeded"}
RETRIABLE = {429, 500}


def problem(status: int, correlation_id: str, detail: str | None = None) -> dict[str, Any]:
    """Return the body. The correlation id is the gateway's request id."""
    detail = detail or DETAILS[status]
    body: dict[str, Any] = {
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
        "correlation_id": correlation_id,
    }
    if code := CODES.get(status):
        body["errors"] = [{"code": code, "detail": detail}]
    return body


def headers(status: int, rate: int | None) -> dict[str, str]:
    """Return the headers, except the correlation id and the time at which a limit of ``rate`` a second is reset."""
    named = {
        "Content-Type": PROBLEM,
        "Api-Version": API_VERSION,
        "Idempotent-Retriable": "true" if status in RETRIABLE else "false",
    }
    named |= SECURITY_HEADERS | NOT_KEPT
    if status == 401:
        named["WWW-Authenticate"] = "Bearer"
    if status == 429:
        named |= {"Retry-After": "1", "x-rate-limit-limit": str(rate), "x-rate-limit-remaining": "0"}
    return named
