"""API Gateway's own error responses: the templates and mappings for infra/gateway_answers.py."""

import json
from typing import Any

from infra.gateway_answers import headers, problem

CORRELATION_ID = "$context.requestId"
RESET = {"x-rate-limit-reset": "context.requestTimeEpoch"}
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


def gateway_responses(rate: int) -> dict[str, dict[str, Any]]:
    """Return all of them as the gateway imports them; ``rate`` is shown to a partner that is refused for its own."""
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


def _headers(status: int, rate: int) -> dict[str, str]:
    """Return each header with its value as API Gateway maps it: the name of a variable, or a quoted text."""
    quoted = {name: f"'{text}'" for name, text in headers(status, rate).items()}
    variables = {"Correlation-Id": CORRELATION_ID.removeprefix("$")} | (RESET if status == 429 else {})
    return quoted | variables
