"""API Gateway on this machine: tokens, limits, routes, and its own answers to what never reaches a function."""

import base64
import logging
import re
import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any
from uuid import uuid4

from functions.routes import module_of
from infra.gateway_body import AUTHORIZER, BEARER, NOT_FOUND, TOKEN_CACHE_SECONDS
from infra.local import activity, environment
from infra.local.functions import Functions
from infra.local.gateway_calls import STAGE, Call, proxy_event
from infra.local.gateway_refusals import Refused
from infra.local.messages import MAX_BODY_BYTES, HttpRequest, HttpResponse
from infra.local.paths import resource_of
from infra.local.routes import LOCAL_ROUTES
from infra.local.throttle import Throttle

log = logging.getLogger(__name__)

API_ARN = f"arn:aws:execute-api:{environment.REGION}:{environment.ACCOUNT}:api/{STAGE}"


class Gateway:
    """Answers requests as the deployed API does."""

    def __init__(self, functions: Functions) -> None:
        self.throttle = Throttle()
        self._functions = functions
        self._routes = {(route.method, route.path): route for route in LOCAL_ROUTES}
        self._allowed: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        resource, parameters = resource_of(request.path)
        route = self._routes.get((request.method, resource))
        call = Call(request, str(uuid4()), time.time(), resource, parameters, route)
        context: dict[str, Any] = {}
        try:
            _check_size(request)
            context = self._open(call) if route and route.scope is None else self._authorized(call)
            answer = self._integrated(call, context)
        except Refused as refused:
            answer = refused.answer(call.request_id)
        activity.log_request(call, answer, context.get("partner", ""), time.time() - call.at)
        return answer

    def _open(self, call: Call) -> dict[str, Any]:
        """Admit a request that needs no token, under the limit that all callers of the method share."""
        self._admit(f"{call.request.method} {call.resource}", call.at)
        return {}

    def _admit(self, api_key: str, at: float) -> None:
        if not self.throttle.admits(api_key):
            raise Refused(429, rate=self.throttle.rate_of(api_key), at=at)

    def forget(self) -> None:
        """Forget the authorizer's cached answers, and what counts towards limits."""
        with self._lock:
            self._allowed = {}
        self.throttle.refill()

    def _authorized(self, call: Call) -> dict[str, Any]:
        # Of two that differ, another program on the way might have checked the other one.
        given = {value.strip() for value in call.request.values("authorization")}
        authorization = given.pop() if len(given) == 1 else ""
        if not re.match(BEARER, authorization):
            raise Refused(401)
        arn = f"{API_ARN}/{call.request.method}{call.request.path}"
        answer = self._authorizer_answer(authorization, arn)
        api_key = answer.get("usageIdentifierKey")
        if not _allows(answer, arn) or not api_key:
            raise Refused(403)
        self._admit(api_key, call.at)
        return {**answer["context"], "principalId": answer["principalId"]}

    def _authorizer_answer(self, authorization: str, arn: str) -> dict[str, Any]:
        """Return the authorizer's answer for the token, from the cache if possible; failures are not cached."""
        known = self._allowed.get(authorization)
        if known and known[0] > time.monotonic():
            return known[1]
        answer = self._ask_authorizer({"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn})
        with self._lock:
            self._allowed = {token: kept for token, kept in self._allowed.items() if kept[0] > time.monotonic()}
            self._allowed[authorization] = (time.monotonic() + TOKEN_CACHE_SECONDS, answer)
        return answer

    def _ask_authorizer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._functions.invoke(AUTHORIZER, event)
        except Exception as error:
            if str(error) == "Unauthorized":
                raise Refused(401) from None
            raise Refused(500) from error
        return answer

    def _integrated(self, call: Call, context: Mapping[str, Any]) -> HttpResponse:
        module = module_of(call.route) if call.route else NOT_FOUND
        try:
            answer = self._functions.invoke(module, proxy_event(call, context))
            body = answer.get("body") or ""
            decoded = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
            return HttpResponse(answer["statusCode"], answer.get("headers") or {}, decoded)
        except Exception as error:
            log.exception("%s failed", module)
            raise Refused(500) from error


def _check_size(request: HttpRequest) -> None:
    if len(request.body) > MAX_BODY_BYTES:
        raise Refused(413)


def _allows(answer: Mapping[str, Any], arn: str) -> bool:
    """Return whether the policy allows the method; the cached policy of a token applies to every method."""
    statements = answer["policyDocument"]["Statement"]
    return any(each["Effect"] == "Allow" and fnmatchcase(arn, each["Resource"]) for each in statements)
