"""What the gateway knows about a request, and the event that it makes of it for a function."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.routes import Route
from infra.local import environment
from infra.local.messages import HttpRequest

STAGE = "local"


@dataclass(frozen=True)
class Call:
    """A request with what the gateway knows about it."""

    request: HttpRequest
    request_id: str
    at: float
    resource: str
    parameters: Mapping[str, str]
    route: Route | None


def proxy_event(call: Call, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the proxy integration's event. As every media type counts as binary, the body is base64."""
    request = call.request
    return {
        "resource": call.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _gathered(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _gathered(request.query),
        "pathParameters": dict(call.parameters) or None,
        "stageVariables": None,
        "requestContext": _request_context(call, context),
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def _request_context(call: Call, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "requestId": call.request_id,
        "requestTimeEpoch": int(call.at * 1000),
        "resourcePath": call.resource,
        "httpMethod": call.request.method,
        "path": f"/{STAGE}{call.request.path}",
        "stage": STAGE,
        "accountId": environment.ACCOUNT,
        "authorizer": dict(context),
    }


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered or None
