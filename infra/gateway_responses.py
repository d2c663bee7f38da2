"""API Gateway's own error responses: the templates and mappings for infra/gateway_answers.py."""

import json
from typing import Any

from infra.gateway_answers import headers, problem

CORRELATION_ID = "$context.requestId"
RESET = {"x-rate-limit-reset": "context.requestTimeEpoch"}
OWN_RATE = {"x-rate-limit-limit": "context.authorizer.rate"}
"""What the authorizer says of the partner; where none was asked, the variable has no value."""
STATUSES = {
    "UNAUTHORIZED": 401,
    "ACCESS_DENIED": 403,
    "EXPIRED_TOKEN": 403,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "WAF_FILTERED": 403,
    "RESOURCE_NOT_FOUND": 404,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "THROTTLED": 429,
    "QUOTA_EXCEEDED": 429,
    "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 500,
}
"""Each kind of request that does not reach our functions, and the status of its response."""


def gateway_responses(rate: int | None) -> dict[str, dict[str, Any]]:
    """Return all of them as the gateway imports them; ``rate`` is every partner's, or ``None`` if they differ."""
    return {
        kind: {
            "statusCode": status,
            "responseParameters": {
                f"gatewayresponse.header.{name}": value for name, value in _headers(status, rate).items()
            },
            "responseTemplates": {"application/json": json.dumps(problem(status, CORRELATION_ID))},
        }
        for kind, status in STATUSES.items()
    }


def _headers(status: int, rate: int | None) -> dict[str, str]:
    """Return each header with its value as API Gateway maps it: the name of a variable, or a quoted text."""
    quoted = {name: f"'{text}'" for name, text in headers(status, rate).items()}
    limits = RESET | (OWN_RATE if rate is None else {}) if status == 429 else {}
    return quoted | {"Correlation-Id": CORRELATION_ID.removeprefix("$")} | limits
