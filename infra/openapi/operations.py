"""The operations of the description: what the route table, the functions' shapes and the texts say of each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter

from functions.accounts.write import BusinessEdit, PersonalEdit
from functions.catalog.edit import OfferingEdit
from functions.routes import Route, module_of
from functions.shared.answers import HAL
from functions.shared.http import PROBLEM
from functions.shared.idempotency import METHODS
from functions.shared.links import link
from functions.shared.lists import ListQuery
from functions.shared.refusals import TITLES, Code, declared_codes
from functions.shared.shapes import check_body
from functions.sim_profiles.lpa import LPA, MAX_LPA_LENGTH
from functions.subscribers.write import SubscriberEdit
from functions.webhooks.requests import WebhookEdit
from infra.openapi import headers, samples
from infra.openapi.answers import Answers
from infra.openapi.schemas import Components, Schema, plain
from infra.openapi.texts import Text
from infra.openapi.texts_orders import ORDERS
from infra.openapi.texts_resources import TEXTS

ALL_TEXTS = ORDERS | TEXTS
MERGED: dict[str, tuple[type[BaseModel], ...]] = {
    "update_product_offering": (OfferingEdit,),
    "update_subscriber": (SubscriberEdit,),
    "update_account": (PersonalEdit, BusinessEdit),
    "update_webhook": (WebhookEdit,),
}
"""Operations whose body is merged over what is kept, with the shapes that the whole may have then."""
MEDIA = {
    "Picture": ["image/png"],
    "Json": ["application/json"],
    "Yaml": ["application/yaml"],
    "Page": ["text/html"],
    "Markdown": ["text/plain"],
    "Nothing": [],
}
"""Media types of answers that are not resources."""
PLACED = [text.id for text in ORDERS.values() if text.status == 201]
OTHER_STATES = {"reserve_sim_profile": "Reserved"} | dict.fromkeys(PLACED, "Accepted")
"""Operations whose example shows the resource in another state than the usual one."""
RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"


@dataclass(frozen=True)
class Subject:
    """What is described: routes, each with its function, its words, and examples of what is sent and answered."""

    routes: Sequence[Route]
    function_of: Callable[[Route], Callable[..., Any]]
    texts: Mapping[str, Text]
    tags: Mapping[str, str]
    sent: Mapping[str, Any]
    shown: Mapping[str, Any]
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas of answers that are not made from records."""


class Operations:
    """Describes routes, and names the schemas that they need."""

    def __init__(self, subject: Subject, components: Components, answers: Answers) -> None:
        self._subject = subject
        self._components = components
        self._answers = answers

    def of(self, route: Route) -> dict[str, Any]:
        """Return the operation of a route."""
        text = self._subject.texts[f"{route.method} {route.path}"]
        function = self._subject.function_of(route)
        hints = get_type_hints(function, include_extras=True)
        described: dict[str, Any] = {
            "operationId": text.id,
            "tags": [text.tag],
            "summary": text.summary,
            "description": text.description,
            "security": [] if route.scope is None else [{"oauth2": [route.scope] if route.scope else []}],
            "parameters": [*_of_path(route), *_of_query(hints.get("query")), *_headers_of(route)],
        }
        if "body" in hints:
            described["requestBody"] = self._body(text, hints["body"])
        answered = {str(text.status): self._answer(route, text)}
        return described | {"responses": answered | refusals(route, codes_of(function, hints))}

    def _body(self, text: Text, shape: Any) -> dict[str, Any]:
        example = self._subject.sent[text.id]
        schema = self._merged(text.id) if text.id in MERGED else self._components.sent(TypeAdapter(shape))
        if "discriminator" in schema and text.id in {"place_order", "validate_order"}:
            schema |= {"required": ["type"], "properties": {"type": {"type": "string"}}}
        content = {"schema": schema, "examples": {"example": {"value": example}}}
        _, faults = check_body(TypeAdapter(shape), {})
        return {"required": bool(faults), "content": {"application/json": content}}

    def _merged(self, operation: str) -> Schema:
        shapes = [self._components.patch(f"{shape.__name__}Patch", shape) for shape in MERGED[operation]]
        return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}

    def _answer(self, route: Route, text: Text) -> dict[str, Any]:
        named = headers.of_answer(text.status, keyed=is_keyed(route))
        described: dict[str, Any] = {"description": f"{text.summary}.", "headers": named}
        if text.answer in MEDIA:
            content: dict[str, Any] = {media_type: {} for media_type in MEDIA[text.answer]}
            return described | ({"content": content} if content else {})
        name, _, plural = text.answer.partition(" ")
        schema = self._answers.page(name, plural) if plural else self._answers.ref(name)
        example: dict[str, Any] = {"$ref": f"#/components/examples/{OTHER_STATES.get(text.id, name)}"}
        if plural:
            items = [self._subject.shown[name]]
            example = {
                "value": {"_embedded": {plural: items}, "_links": {"self": link(f"{_example_path(route)}?limit=10")}}
            }
        content = {HAL: {"schema": schema, "examples": {"example": example}}}
        return described | {"content": content | ({"text/html": {}} if name == "Home" else {})}


def function_of(route: Route) -> Callable[..., Any]:
    """Return the function that carries out the route."""
    function: Callable[..., Any] = getattr(import_module(module_of(route)), route.operation)
    return function


def is_keyed(route: Route) -> bool:
    """Return whether the route takes an ``Idempotency-Key``."""
    return route.keyed and route.method in METHODS


def codes_of(function: Callable[..., Any], hints: Mapping[str, Any]) -> set[Code]:
    """Return every code that a function can refuse with: what it declares, and what its shapes imply."""
    codes = {Code.CONSTRAINT_VALIDATION_ERROR, Code.UNSUPPORTED_API_VERSION, *declared_codes(function)}
    query = hints.get("query")
    if "body" in hints:
        codes.add(Code.INVALID_JSON)
    if isinstance(query, type) and issubclass(query, ListQuery):
        codes.add(Code.INVALID_CURSOR)
    return codes


def refusals(route: Route, codes: set[Code]) -> dict[str, Any]:
    """Return the refusals that the route can answer, by their statuses."""
    statuses = {400, 429, 500} | ({409} if Code.DUPLICATE_REFERENCE in codes else set())
    if route.scope is not None:
        statuses |= {401, 403} | ({404} if "{" in route.path else set())
    if route.method in METHODS:
        statuses |= {413, 415} | ({422} if is_keyed(route) else set())
    named = {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}
    return named | {"400": refusal(400, sorted(codes - {Code.DUPLICATE_REFERENCE}))}


def shared_refusals(limits: str) -> dict[str, Any]:
    """Return the refusals that are the same for all operations that can answer them, as components."""
    codes = {409: [Code.DUPLICATE_REFERENCE.value], 429: [RATE_LIMIT_EXCEEDED]}
    shared = {str(status): refusal(status, codes.get(status, [])) for status in TITLES if status not in {400, 405}}
    shared["429"]["description"] += f" {limits}."
    return shared


def refusal(status: int, codes: Sequence[str]) -> dict[str, Any]:
    """Return a refusal with this status; its examples are the codes that its errors can have."""
    listed = f": {', '.join(f'`{code}`' for code in codes)}" if codes else ""
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in map(str, codes)}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}} | ({"examples": examples} if examples else {})
    return {
        "description": f"{TITLES[status]}{listed}.",
        "headers": headers.of_answer(status, keyed=True),
        "content": {PROBLEM: content},
    }


def _example_path(route: Route) -> str:
    """Return the path with the ids of the examples in it."""
    return re.sub(r"\{(\w+)\}", lambda parameter: samples.PATH_IDS[parameter[1]], route.path)


def _of_path(route: Route) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    text: Schema = {"type": "string", "minLength": 1}
    lpa: Schema = {"type": "string", "maxLength": MAX_LPA_LENGTH, "pattern": f"^{LPA.pattern}$"}
    schemas = {"lpa": lpa}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schemas.get(name, text),
            "example": samples.PATH_IDS[name],
        }
        for name in names
    ]


def _of_query(query: Any) -> list[dict[str, Any]]:
    if query is None:
        return []
    members = plain(TypeAdapter(query).json_schema())["properties"]
    return [
        {"name": name, "in": "query"} | (_list(name, schema) if schema.get("type") == "array" else {"schema": schema})
        for name, schema in members.items()
    ]


def _list(name: str, schema: Schema) -> dict[str, Any]:
    """Return how a parameter takes several values: countries with commas between them, others repeated."""
    if "countries" not in name:
        return {"style": "form", "explode": True, "schema": schema | {"minItems": 1}}
    # A country that is given twice counts once, so a caller meets no maximum.
    unbounded = {key: value for key, value in schema.items() if key != "maxItems"}
    return {"style": "form", "explode": False, "schema": unbounded | {"minItems": 1}}


def _headers_of(route: Route) -> list[dict[str, Any]]:
    names = ["Api-Version", "Correlation-Id"] + ["Idempotency-Key"] * is_keyed(route)
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
