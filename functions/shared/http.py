"""A door: from API Gateway's event to a function with typed arguments, and back (contract §1).

A door serves the routes of its module. An operation is a plain function of a :class:`Request` and, if it has them,
``query`` and ``body``, whose annotations say what shape they must have::

    def list_orders(request: Request, query: OrderFilters) -> Response: ...

It may run more than once for one request (see :func:`functions.shared.table.settle`): it reads with
``request.read``, decides, and hands its one transaction to ``request.commit``. It need not know of keys: the door
looks a used one up.
"""

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from functions.routes import ROUTES, Route, module_of
from functions.shared import idempotency
from functions.shared.headers import (
    Headers,
    check_encoding,
    check_media_type,
    check_token,
    correlation_id_of,
    headers_of,
    the_one,
)
from functions.shared.links import PublicSettings
from functions.shared.observability import begin, logger
from functions.shared.records import Found, Key, R, Wanted
from functions.shared.refusals import Code, Fault, Refusal, invalid
from functions.shared.shapes import NoQuery, check_body, check_query, parse, without_nulls
from functions.shared.table import Conflict, Transaction, read_all, settle

API_VERSION = "2026-02-05"
LARGEST_BODY = 256 * 1024
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

HAL = "application/hal+json"
PROBLEM = "application/problem+json"
SECURITY_HEADERS = {"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff"}
"""On every answer, the gateway's own included: come by TLS only, and take the body for nothing but its type."""
NOT_KEPT = {"Cache-Control": "no-store"}
"""On every answer that does not say otherwise: most hold personal data, a code or an LPA string."""


@dataclass
class Response:
    """An answer; ``body`` is what is sent as JSON or, if it is ``bytes``, as it is."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = HAL


@dataclass(frozen=True)
class Request:
    """Who asks for what. ``partner`` comes from the token alone."""

    partner: str
    route: Route
    path: str
    params: Mapping[str, str]
    headers: Headers
    correlation_id: str
    key: idempotency.IdempotencyKey | None = None

    @contextmanager
    def answered_once(self) -> Iterator[None]:
        """Look the key up before a refusal, and before another attempt after a conflict.

        What stands in the way may be the effect of this request's own first try: a batched read is no snapshot and
        may show that effect without the key (contract §1). Raises what :meth:`replay` raises.
        """
        try:
            yield
        except (Refusal, Conflict):
            self.replay()
            raise

    def replay(self) -> None:
        """Raise :class:`~functions.shared.idempotency.Replay` or a 422 if the key was used before."""
        if self.key:
            self.key.look_up()

    def read(self, wanted: Wanted, keys: Sequence[Key] = ()) -> Found:
        """The one batched read of a request that writes.

        It brings the key along, so that a request that comes again costs no write.
        """
        found = read_all(self.partner, wanted, [*keys, *([self.key.place] if self.key else [])])
        if self.key:
            self.key.check(found)
        return found

    def find(self, model: type[R]) -> R:
        """The record that the path names. Raises a 404 if this partner does not have it."""
        (record_id,) = self.params.values()
        record = self.read({model: [record_id]}).get(model, record_id)
        if record is None:
            raise Refusal(404, f"There is no {model.KIND.replace('_', ' ')} with this id.")
        return record

    def commit(self, change: Transaction, response: Response) -> Response:
        """The one write of a request: the change and, with a key, the memory of its answer."""
        if self.key:
            self.key.remember(change, response.status, response.body, response.headers)
        change.commit()
        return response

    def create(self, record: R, show: Callable[[R], dict[str, Any]]) -> Response:
        """The one write of a POST that only makes a record, and the record with its ``Location``."""
        change = Transaction()
        change.create(record)
        shown = show(record)
        return self.commit(change, Response(201, shown, {"Location": shown["_links"]["self"]["href"]}))

    def update(self, before: R, after: R, show: Callable[[R], dict[str, Any]]) -> Response:
        """The one write of a PATCH, and the record as it is then; nothing is written where nothing has changed."""
        change = Transaction()
        if after != before:
            change.update(after)
        return self.commit(change, Response(200, show(after)))


def door(module: str) -> Handler:
    """The Lambda handler of a module that holds operations."""
    mine = [route for route in ROUTES if module_of(route) == module]
    return serve({route: getattr(sys.modules[module], route.operation) for route in mine})


def serve(functions: Mapping[Route, Callable[..., Response]]) -> Handler:
    """The Lambda handler of these routes."""
    PublicSettings.load()
    operations = {(route.method, route.path): _Operation(route, function) for route, function in functions.items()}

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        operation = operations[event["httpMethod"], event["resource"]]
        return respond(event, operation.answer, keyed=operation.route.keyed)

    return handler


def respond(
    event: Mapping[str, Any], answer: Callable[[Mapping[str, Any], str], Response], *, keyed: bool = True
) -> dict[str, Any]:
    """Run ``answer`` on the event and turn what it returns or raises into API Gateway's response.

    Where requests are not ``keyed``, an ``Idempotency-Key`` is ignored and not spoken of.
    """
    headers = headers_of(event)
    correlation_id = correlation_id_of(headers)
    begin(correlation_id=correlation_id, partner=_context(event).get("partner"), path=event["resource"])
    codes: set[Code] = set()
    try:
        response = answer(event, correlation_id)
    except Refusal as refusal:
        codes = {fault.code for fault in refusal.faults}
        response = _refuse(refusal, correlation_id)
    except idempotency.Replay as replay:
        response = Response(replay.status, replay.body, replay.headers)
    except Exception:  # noqa: BLE001 - whatever it is, the partner gets a clean 500 and the log the rest
        logger.exception("The request failed.")
        response = _refuse(Refusal(500, "Something failed on our side; try again."), correlation_id)
    logger.info("Answered.", extra={"status": response.status, "method": event["httpMethod"]})
    about_key = idempotency.response_headers(headers, event["httpMethod"], response.status, codes) if keyed else {}
    return {
        "statusCode": response.status,
        "headers": SECURITY_HEADERS
        | NOT_KEPT
        | about_key
        | response.headers
        | {
            "Correlation-Id": correlation_id,
            "Api-Version": API_VERSION,
            "Content-Type": response.content_type,
        },
    } | _sent(response.body)


class _Operation:
    """One route's function with the shapes that its annotations ask for."""

    def __init__(self, route: Route, function: Callable[..., Response]) -> None:
        hints = get_type_hints(function, include_extras=True)
        self.route = route
        self.function = function
        self.query: TypeAdapter[Any] = TypeAdapter(hints.get("query", NoQuery))
        self.body: TypeAdapter[Any] | None = TypeAdapter(hints["body"]) if "body" in hints else None
        self.wants_query = "query" in hints
        self._turn = Lock()

    def answer(self, event: Mapping[str, Any], correlation_id: str) -> Response:
        """Check in the order of contract §1 (scope, size and type, headers, key, shape), then run the function."""
        headers = headers_of(event)
        self._check_access(event, headers)
        params = event.get("pathParameters") or {}
        path = self.route.path.format(**params)
        raw = _raw_body(event, headers) if self.route.method != "GET" else b""
        _check_version(headers)
        key = None
        if self.route.keyed:
            key = idempotency.key_of(headers, self.route.method, _context(event).get("partner", ""), path)
        body, faults = parse(raw) if self.body else (None, [])
        if key:
            key = key.for_body(body if self.body and not faults else raw.decode(errors="replace"))
        request = Request(
            partner=_context(event).get("partner", ""),
            route=self.route,
            path=path,
            params=params,
            headers=headers,
            correlation_id=correlation_id,
            key=key,
        )
        with request.answered_once():
            arguments = self._arguments(event, body, faults)
        return settle(lambda: self._attempt(request, arguments))

    def _check_access(self, event: Mapping[str, Any], headers: Headers) -> None:
        """Raise a 401 or 403 unless there is one token with the route's scope; an open route asks for none."""
        if self.route.scope is None:
            return
        check_token(headers)
        if self.route.scope and self.route.scope not in _context(event).get("scopes", "").split():
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
        """What the function is called with beside the request.

        Raises a 400 with every fault of shape; ``faults`` are those of a body that is no JSON.
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


def _context(event: Mapping[str, Any]) -> Mapping[str, str]:
    return event["requestContext"].get("authorizer") or {}


def _raw_body(event: Mapping[str, Any], headers: Headers) -> bytes:
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(raw) > LARGEST_BODY:
        raise Refusal(413, f"The body has {len(raw)} bytes; at most {LARGEST_BODY} are taken.")
    check_encoding(headers)
    if raw:
        check_media_type(headers)
    return raw


def _check_version(headers: Headers) -> None:
    version = the_one(headers, "Api-Version")
    if version not in {None, API_VERSION}:
        raise invalid(Fault(Code.UNSUPPORTED_API_VERSION, f"This Api-Version is not served; send {API_VERSION}."))


def _sent(body: Any) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": json.dumps(body, ensure_ascii=False, separators=(",", ":")), "isBase64Encoded": False}


def _refuse(refusal: Refusal, correlation_id: str) -> Response:
    return Response(refusal.status, refusal.problem(correlation_id), dict(refusal.headers), PROBLEM)
