"""What the gateway answers by itself, in the form in which our code refuses (contract §1)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.shared.http import API_VERSION, NOT_KEPT, PROBLEM, SECURITY_HEADERS
from functions.shared.refusals import TITLES
from infra.local.messages import HttpResponse

RETRIABLE = {"Idempotent-Retriable": "true"}
DETAILS = {
    HTTPStatus.UNAUTHORIZED: "A valid bearer token is needed.",
    HTTPStatus.FORBIDDEN: "This client may not use the API.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than the API takes.",
    HTTPStatus.TOO_MANY_REQUESTS: "More requests than the rate limit allows; send it again in a second.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something failed on our side; try again.",
}


class Refused(Exception):
    """The gateway answers by itself."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None, *, detail: str | None = None) -> None:
        self.status = HTTPStatus(status)
        super().__init__(self.status.phrase)
        self.headers = dict(headers or {})
        self.detail = detail or DETAILS[self.status]


def unauthorized() -> Refused:
    """No token, or none that is valid."""
    return Refused(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})


def too_many(at: float, rate: int) -> Refused:
    """The partner's limit is reached."""
    limits = {
        "Retry-After": "1",
        "x-rate-limit-limit": str(rate),
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(at * 1000)),
    }
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, limits | RETRIABLE)


def failed() -> Refused:
    """A function of ours did not answer."""
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, RETRIABLE)


def problem(request_id: str, refused: Refused) -> HttpResponse:
    """A gateway response; the gateway knows no correlation id but its own request id."""
    body: dict[str, Any] = {
        "title": TITLES.get(refused.status, refused.status.phrase),
        "status": refused.status,
        "detail": refused.detail,
        "correlation_id": request_id,
    }
    if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
        body["errors"] = [{"code": "rate_limit_exceeded", "detail": refused.detail}]
    headers = {
        "Content-Type": PROBLEM,
        "Correlation-Id": request_id,
        "Api-Version": API_VERSION,
        "Idempotent-Retriable": "false",
        **SECURITY_HEADERS,
        **NOT_KEPT,
        **refused.headers,
    }
    return HttpResponse(int(refused.status), headers, json.dumps(body).encode())
