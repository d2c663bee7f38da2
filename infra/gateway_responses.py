"""What API Gateway answers by itself, in the form in which our code refuses (contract §1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_apigateway as apigateway

from functions.shared.http import API_VERSION, PROBLEM
from functions.shared.refusals import TITLES
from infra.stage import Tier

CORRELATION_ID = "$context.requestId"


@dataclass(frozen=True)
class GatewayResponse:
    """The answer to one kind of request that reaches no function of ours."""

    kind: apigateway.ResponseType
    status: int
    detail: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> str:
        """The problem+json template."""
        problem: dict[str, object] = {
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "correlation_id": CORRELATION_ID,
        }
        if self.code:
            problem["errors"] = [{"code": self.code, "detail": self.detail}]
        return json.dumps(problem)

    def all_headers(self) -> dict[str, str]:
        """Header → its value as API Gateway maps it: quoted, or the name of a variable."""
        return {
            "Content-Type": f"'{PROBLEM}'",
            "Correlation-Id": CORRELATION_ID.removeprefix("$"),
            "Api-Version": f"'{API_VERSION}'",
            "Idempotent-Retriable": "'false'",
            **self.headers,
        }


def gateway_responses(tier: Tier) -> list[GatewayResponse]:
    """All of them; ``tier`` is the one whose rate a refused partner is told."""
    kinds = apigateway.ResponseType
    bearer = {"WWW-Authenticate": "'Bearer'"}
    over_limit = {
        "Retry-After": "'1'",
        "x-rate-limit-limit": f"'{tier.rate}'",
        "x-rate-limit-remaining": "'0'",
        "x-rate-limit-reset": "context.requestTimeEpoch",
        "Idempotent-Retriable": "'true'",
    }
    faster = "More requests than the rate limit allows; send it again in a second."
    forbidden = "This client may not use the API."
    return [
        GatewayResponse(kinds.UNAUTHORIZED, 401, "A valid bearer token is needed.", headers=bearer),
        GatewayResponse(kinds.ACCESS_DENIED, 403, forbidden),
        GatewayResponse(kinds.EXPIRED_TOKEN, 403, forbidden),
        GatewayResponse(kinds.INVALID_API_KEY, 403, forbidden),
        GatewayResponse(kinds.INVALID_SIGNATURE, 403, forbidden),
        GatewayResponse(kinds.MISSING_AUTHENTICATION_TOKEN, 403, forbidden),
        GatewayResponse(kinds.WAF_FILTERED, 403, forbidden),
        GatewayResponse(kinds.RESOURCE_NOT_FOUND, 404, "There is nothing here."),
        GatewayResponse(kinds.REQUEST_TOO_LARGE, 413, "The request is larger than the API takes."),
        GatewayResponse(kinds.UNSUPPORTED_MEDIA_TYPE, 415, "The body must be sent as application/json."),
        GatewayResponse(kinds.THROTTLED, 429, faster, "rate_limit_exceeded", over_limit),
        GatewayResponse(kinds.QUOTA_EXCEEDED, 429, faster, "rate_limit_exceeded", over_limit),
        GatewayResponse(kinds.DEFAULT_4_XX, 400, "The request is malformed."),
        GatewayResponse(
            kinds.DEFAULT_5_XX,
            500,
            "Something failed on our side; try again.",
            headers={"Idempotent-Retriable": "'true'"},
        ),
    ]
