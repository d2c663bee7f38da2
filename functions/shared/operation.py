"""One operation: all that is checked of a request, in the contract's order, before its function runs (contract §1)."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, get_type_hints
from urllib.parse import unquote

from pydantic import TypeAdapter

from functions.routes import Route
from functions.shared import idempotency
from functions.shared.answers import Response, authorized
from functions.shared.headers import (
    Headers,
    check_encoding,
    check_media_type,
    check_token,
    check_version,
    headers_of,
)
from functions.shared.json_values import parse
from functions.shared.refusals import Fault, Refusal, invalid
from functions.shared.request import Request
from functions.shared.shapes import NoQuery, check_body, check_query, without_nulls
from functions.shared.table import retry_on_conflict

MAX_BODY_BYTES = 256 * 1024


class Operation:
    """One route's function with the shapes that its annotations ask for."""

    def __init__(self, route: Route, function: Callable[..., Response]) -> None:
        hints = get_type_hints(function, include_extras=True)
        self.route = route
        self.function = function
        self.query: TypeAdapter[Any] = TypeAdapter(hints.get("query", NoQuery))
        self.body: TypeAdapter[Any] | None = TypeAdapter(hints["body"]) if "body" in hints else None
        self.wants_query = "query" in hints
        self._key_kind = getattr(function, "key_kind", idempotency.IdempotencyKey)
        self._turn = Lock()

    def answer(self, event: Mapping[str, Any], correlation_id: str) -> Response:
        """Check in the order of contract §1 (scope, size and type, headers, key, shape), then run the function."""
        headers = headers_of(event)
        self._check_access(event, headers)
        raw = _raw_body(event, headers) if self.route.method != "GET" else b""
        check_version(headers)
        request = self._request(event, headers, correlation_id)
        body, faults = parse(raw) if self.body else (None, [])
        if request.key:
            compared = body if self.body and not faults else raw.decode(errors="replace")
            request = replace(request, key=request.key.for_body(compared))
        with request.answered_once():
            arguments = self._arguments(event, body, faults)
        return retry_on_conflict(lambda: self._attempt(request, arguments))

    def _request(self, event: Mapping[str, Any], headers: Headers, correlation_id: str) -> Request:
        """Return who asks for what. Raise a 400 for a key that cannot be one; its path's id is looked up later."""
        # REST APIs hand them over as they were sent.
        params = {name: unquote(sent) for name, sent in (event.get("pathParameters") or {}).items()}
        path = self.route.path.format(**params)
        partner = authorized(event).get("partner", "")
        method, kind = self.route.method, self._key_kind
        key = idempotency.key_of(headers, method, partner, path, kind) if self.route.keyed else None
        return Request(partner, self.route, path, params, headers, correlation_id, key)

    def _check_access(self, event: Mapping[str, Any], headers: Headers) -> None:
        """Raise a 401 or 403 unless there is one token with the route's scope; an open route asks for none."""
        if self.route.scope is None:
            return
        context = authorized(event)
        check_token(headers, context)
        if self.route.scope and self.route.scope not in context.get("scopes", "").split():
            raise Refusal(403, f"The token lacks the scope {self.route.scope}.")

    def _attempt(self, request: Request, arguments: Mapping[str, Any]) -> Response:
        """Run the function once. What it does outside the table is done once under a key, also if two come at once."""
        with request.answered_once():
            if not (self.route.acts_outside and request.key):
                return self.function(request, **arguments)
            with self._turn:
                request.replay()
                return self.function(request, **arguments)

    def _arguments(self, event: Mapping[str, Any], body: Any, faults: Sequence[Fault]) -> dict[str, Any]:
        """Return what the function is called with beside the request.

        Raise a 400 with every fault of shape; ``faults`` are those of a body that is not JSON.
        """
        query, found = check_query(self.query, event.get("multiValueQueryStringParameters") or {})
        arguments = {"query": query} if self.wants_query else {}
        found = [*faults, *found]
        if self.body and not faults:
            meant = without_nulls(body) if self.route.method == "POST" else body
            arguments["body"], more = check_body(self.body, meant)
            found += more
        if found:
            raise invalid(*found)
        return arguments


def _raw_body(event: Mapping[str, Any], headers: Headers) -> bytes:
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(raw) > MAX_BODY_BYTES:
        raise Refusal(413, f"The body has {len(raw)} bytes; at most {MAX_BODY_BYTES} are taken.")
    check_encoding(headers)
    if raw:
        check_media_type(headers)
    return raw
