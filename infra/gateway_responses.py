"""What API Gateway answers by itself, in the form in which our code refuses (contract §1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_apigateway as apigateway

from functions.shared.http import API_VERSION, NOT_KEPT, PROBLEM, SECURITY_HEADERS
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
    texts: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

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
        """Header → its value as API Gateway maps it: the name of a variable, or a quoted text."""
        texts = {
            "Content-Type": PROBLEM,
            "Api-Version": API_VERSION,
            "Idempotent-Retriable": "false",
            **SECURITY_HEADERS,
            **NOT_KEPT,
            **self.texts,
        }
        quoted = {name: f"'{text}'" for name, text in texts.items()}
        return quoted | {"Correlation-Id": CORRELATION_ID.removeprefix("$"), **self.variables}


def gateway_responses(tier: Tier) -> list[GatewayResponse]:
    """All of them; ``tier`` is the one whose rate a refused partner is told."""
    kinds = apigateway.ResponseType
    over_limit = {
        "Retry-After": "1",
        "x-rate-limit-limit": str(tier.rate),
        "x-rate-limit-remaining": "0",
        "Idempotent-Retriable": "true",
    }
    reset = {"x-rate-limit-reset": "context.requestTimeEpoch"}
    faster = "More requests than the rate limit allows; send it again in a second."
    forbidden = "This client may not use the API."
    return [
        GatewayResponse(
            kinds.UNAUTHORIZED, 401, "A valid bearer token is needed.", texts={"WWW-Authenticate": "Bearer"}
        ),
        GatewayResponse(kinds.ACCESS_DENIED, 403, forbidden),
        GatewayResponse(kinds.EXPIRED_TOKEN, 403, forbidden),
        GatewayResponse(kinds.INVALID_API_KEY, 403, forbidden),
        GatewayResponse(kinds.INVALID_SIGNATURE, 403, forbidden),
        GatewayResponse(kinds.MISSING_AUTHENTICATION_TOKEN, 403, forbidden),
        GatewayResponse(kinds.WAF_FILTERED, 403, forbidden),
        GatewayResponse(kinds.RESOURCE_NOT_FOUND, 404, "There is nothing here."),
        GatewayResponse(kinds.REQUEST_TOO_LARGE, 413, "The request is larger than the API takes."),
        GatewayResponse(kinds.UNSUPPORTED_MEDIA_TYPE, 415, "The body must be sent as application/json."),
        GatewayResponse(kinds.THROTTLED, 429, faster, "rate_limit_exceeded", over_limit, reset),
        GatewayResponse(kinds.QUOTA_EXCEEDED, 429, faster, "rate_limit_exceeded", over_limit, reset),
        GatewayResponse(kinds.DEFAULT_4_XX, 400, "The request is malformed."),
        GatewayResponse(
            kinds.DEFAULT_5_XX,
            500,
            "Something failed on our side; try again.",
            texts={"Idempotent-Retriable": "true"},
        ),
    ]
