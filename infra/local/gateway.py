"""API Gateway on this machine: token, limit, route; and in its own words what never reaches a function."""

import base64
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from threading import Lock
from typing import Any
from uuid import uuid4

from functions.routes import ROUTES, Route, module_of
from functions.shared.http import API_VERSION, PROBLEM
from functions.shared.refusals import TITLES
from infra.local import environment
from infra.local.functions import AUTHORIZER, NOT_FOUND, Functions
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.paths import resource_of
from infra.local.throttle import Throttle

log = logging.getLogger(__name__)

LARGEST_BODY = 10 * 1024 * 1024
TOKEN_CACHE_SECONDS = 300
STAGE = "local"
API_ARN = f"arn:aws:execute-api:{environment.REGION}:{environment.ACCOUNT}:api/{STAGE}"
RETRIABLE = {"Idempotent-Retriable": "true"}
DETAILS = {
    HTTPStatus.UNAUTHORIZED: "A valid bearer token is needed.",
    HTTPStatus.FORBIDDEN: "This client may not use the API.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than the API takes.",
    HTTPStatus.TOO_MANY_REQUESTS: "More requests than the rate limit allows; send it again in a second.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something failed on our side; try again.",
}


class _Refused(Exception):
    """The gateway answers by itself."""

    def __init__(self, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class _Call:
    """A request with what the gateway knows about it."""

    request: HttpRequest
    request_id: str
    at: float
    resource: str
    parameters: Mapping[str, str]
    route: Route | None


class Gateway:
    """Answers requests as the deployed API does."""

    def __init__(self, functions: Functions) -> None:
        self.throttle = Throttle()
        self._functions = functions
        self._routes = {(route.method, route.path): route for route in ROUTES}
        self._allowed: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        resource, parameters = resource_of(request.path)
        route = self._routes.get((request.method, resource))
        call = _Call(request, str(uuid4()), time.time(), resource, parameters, route)
        try:
            _check_size(request)
            context = {} if route and route.scope is None else self._authorized(call)
            return self._integrated(call, context)
        except _Refused as refused:
            return _problem(call, refused)

    def _authorized(self, call: _Call) -> dict[str, Any]:
        authorization = call.request.header("authorization")
        if not authorization:
            raise _unauthorized()
        arn = f"{API_ARN}/{call.request.method}{call.request.path}"
        answer = self._authorizer_answer(authorization, arn)
        api_key = answer.get("usageIdentifierKey")
        if not _allows(answer, arn) or not api_key:
            raise _Refused(HTTPStatus.FORBIDDEN)
        if not self.throttle.admits(api_key):
            raise _too_many(call, self.throttle)
        return {**answer["context"], "principalId": answer["principalId"]}

    def _authorizer_answer(self, authorization: str, arn: str) -> dict[str, Any]:
        """What the authorizer says to the token; what it said is kept, unless it failed."""
        known = self._allowed.get(authorization)
        if known and known[0] > time.monotonic():
            return known[1]
        try:
            event = {"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn}
            answer: dict[str, Any] = self._functions.invoke(AUTHORIZER, event)
        except Exception as error:
            if str(error) == "Unauthorized":
                raise _unauthorized() from None
            raise _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, RETRIABLE) from error
        with self._lock:
            self._allowed = {token: kept for token, kept in self._allowed.items() if kept[0] > time.monotonic()}
            self._allowed[authorization] = (time.monotonic() + TOKEN_CACHE_SECONDS, answer)
        return answer

    def _integrated(self, call: _Call, context: Mapping[str, Any]) -> HttpResponse:
        module = module_of(call.route) if call.route else NOT_FOUND
        try:
            answer = self._functions.invoke(module, _event(call, context))
            body = answer.get("body") or ""
            decoded = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
            return HttpResponse(answer["statusCode"], answer.get("headers") or {}, decoded)
        except Exception as error:
            log.exception("%s failed", module)
            raise _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, RETRIABLE) from error


def _check_size(request: HttpRequest) -> None:
    if len(request.body) > LARGEST_BODY:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _event(call: _Call, context: Mapping[str, Any]) -> dict[str, Any]:
    """The proxy integration's event. As every media type counts as binary, the body comes in base64."""
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
        "requestContext": {
            "requestId": call.request_id,
            "requestTimeEpoch": int(call.at * 1000),
            "resourcePath": call.resource,
            "httpMethod": request.method,
            "path": f"/{STAGE}{request.path}",
            "stage": STAGE,
            "accountId": environment.ACCOUNT,
            "authorizer": dict(context),
        },
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def _gathered(pairs: Any) -> dict[str, list[str]] | None:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered or None


def _allows(answer: Mapping[str, Any], arn: str) -> bool:
    """Whether the policy lets the method be called; it was made for a token and is used for every method."""
    return any(
        statement["Effect"] == "Allow" and fnmatchcase(arn, statement["Resource"])
        for statement in answer["policyDocument"]["Statement"]
    )


def _unauthorized() -> _Refused:
    return _Refused(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})


def _too_many(call: _Call, throttle: Throttle) -> _Refused:
    limits = {
        "Retry-After": "1",
        "x-rate-limit-limit": str(throttle.rate),
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(call.at * 1000)),
    }
    return _Refused(HTTPStatus.TOO_MANY_REQUESTS, limits | RETRIABLE)


def _problem(call: _Call, refused: _Refused) -> HttpResponse:
    """A gateway response; the gateway knows no correlation id but its own request id."""
    detail = DETAILS[refused.status]
    body: dict[str, Any] = {
        "title": TITLES[refused.status],
        "status": refused.status,
        "detail": detail,
        "correlation_id": call.request_id,
    }
    if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
        body["errors"] = [{"code": "rate_limit_exceeded", "detail": detail}]
    headers = {"Content-Type": PROBLEM, "Correlation-Id": call.request_id, "Api-Version": API_VERSION}
    return HttpResponse(int(refused.status), headers | refused.headers, json.dumps(body).encode())
