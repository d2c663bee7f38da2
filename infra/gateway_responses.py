"""API Gateway's own error responses: the templates and mappings for infra/gateway_answers.py."""

import json
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

from infra.gateway_answers import headers, problem
from infra.stage import Tier

CORRELATION_ID = "$context.requestId"
RESET = {"x-rate-limit-reset": "context.requestTimeEpoch"}
_KINDS = apigateway.ResponseType
STATUSES = {
    _KINDS.UNAUTHORIZED: 401,
    _KINDS.ACCESS_DENIED: 403,
    _KINDS.EXPIRED_TOKEN: 403,
    _KINDS.INVALID_API_KEY: 403,
    _KINDS.INVALID_SIGNATURE: 403,
    _KINDS.MISSING_AUTHENTICATION_TOKEN: 403,
    _KINDS.WAF_FILTERED: 403,
    _KINDS.RESOURCE_NOT_FOUND: 404,
    _KINDS.REQUEST_TOO_LARGE: 413,
    _KINDS.UNSUPPORTED_MEDIA_TYPE: 415,
    _KINDS.THROTTLED: 429,
    _KINDS.QUOTA_EXCEEDED: 429,
    _KINDS.DEFAULT_4_XX: 400,
    _KINDS.DEFAULT_5_XX: 500,
}


@dataclass(frozen=True)
class GatewayResponse:
    """The response to one kind of request that does not reach our functions."""

    kind: apigateway.ResponseType
    status: int
    tier: Tier
    """The tier whose rate is shown to a refused partner."""

    def body(self) -> str:
        """Return the problem+json template."""
        return json.dumps(problem(self.status, CORRELATION_ID))

    def all_headers(self) -> dict[str, str]:
        """Return each header with its value as API Gateway maps it: the name of a variable, or a quoted text."""
        quoted = {name: f"'{text}'" for name, text in headers(self.status, self.tier.rate).items()}
        variables = {"Correlation-Id": CORRELATION_ID.removeprefix("$")} | (RESET if self.status == 429 else {})
        return quoted | variables


def gateway_responses(tier: Tier) -> list[GatewayResponse]:
    """Return all of them."""
    return [GatewayResponse(kind, status, tier) for kind, status in STATUSES.items()]
