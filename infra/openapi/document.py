"""The OpenAPI 3.1 document of the API, from the route table, the models, the refusals and the advice on them."""

import json
from typing import Any

from functions.about import COLLECTIONS, WRITTEN_TOKEN_URL
from functions.identity.clients import STANDARD
from functions.orders.failures import RETRIABLE
from functions.routes import ROUTES, SCOPES
from functions.shared.advice import FAILURES, REFUSALS
from functions.shared.event import TYPES
from functions.shared.headers import API_VERSION
from functions.shared.links import PublicSettings
from functions.shared.published import WRITTEN_URL
from functions.shared.refusals import TITLES
from infra.names import tiers
from infra.openapi import events, headers, samples
from infra.openapi.answers import LINK, Answers, array_of, links_of, object_of
from infra.openapi.glossary import describe
from infra.openapi.operations import ALL_TEXTS, Operations, Subject, function_of, shared_refusals
from infra.openapi.schemas import Components, references
from infra.openapi.texts import TAGS

INTRODUCTION = """\
Activate mobile subscriptions, top them up, swap their SIMs, change their plans, and cancel them.

Get a token with your client id and secret (OAuth 2.0 client credentials), send it as `Authorization: Bearer <token>`,
and follow the links of the answers. Answers are `application/hal+json`: `_links` shows what is possible now.

Send an `Idempotency-Key` with every POST and PATCH, so that you can send a request again whose answer you have not
received. In a POST, `null` means absent; in a PATCH it clears an optional member. Unknown members and query parameters
are refused. Members, error codes, link names and event types may be added at any time; ignore those you do not know.

The API is made for servers: it sends no CORS headers, so no web page can call it.
"""
TEXT = {"type": "string"}
WITH_EXAMPLE = (
    *("order.completed", "subscription.active", "product.active", "phone_number.active", "webhook.disabled"),
    *events.BESIDE,
)
"""Types whose event shows a sample in the state that it is in."""
OTHER_STATES = {"webhook.disabled": "Disabled"}
"""Types whose event shows the resource in another state than the usual one."""
SHOWS = "; answers show what was written to as a whole"
"""What a scope to write lets one see (docs/privacy.md)."""


def the_api() -> Subject:
    """Return what every system has."""
    return Subject(ROUTES, function_of, ALL_TEXTS, TAGS, samples.SENT, samples.shown())


def document(subject: Subject | None = None) -> dict[str, Any]:
    """Return the whole document: of the API, unless of something that has more."""
    subject = subject or the_api()
    components = Components()
    answers = Answers(components)
    _name_plain_answers(components)
    _name_events(components)
    for name, schema in subject.schemas.items():
        components.name(name, schema)
    paths = _paths(subject, Operations(subject, components, answers))
    whole = {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": WRITTEN_URL}],
        "tags": [{"name": name, "description": text} for name, text in subject.tags.items()],
        "paths": paths,
        "webhooks": {event_type: _webhook(event_type) for event_type in TYPES},
        "components": _components(subject, components, paths),
    }
    described = describe(components.resolved(whole))
    text = json.dumps(described, ensure_ascii=False).replace(PublicSettings.load().public_url, WRITTEN_URL)
    document: dict[str, Any] = json.loads(text)
    return document


def _paths(subject: Subject, operations: Operations) -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for route in subject.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operations.of(route)
    return paths


def _info() -> dict[str, Any]:
    return {
        "title": "Mobile Order API",
        "version": API_VERSION,
        "summary": "Orders for mobile subscriptions.",
        "description": INTRODUCTION,
        "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    }


def _limits() -> str:
    """Return what the standard tier of cdk.json says."""
    tier = tiers("prod")[STANDARD]
    return f"By default {tier['rate']} requests a second with a burst of {tier['burst']}, per partner"


def _components(subject: Subject, components: Components, paths: dict[str, Any]) -> dict[str, Any]:
    scopes = {scope: scope.replace("/", ": ") + (SHOWS if scope.endswith("/write") else "") for scope in SCOPES}
    flow = {"tokenUrl": WRITTEN_TOKEN_URL, "scopes": scopes}
    schemas = components.all()
    used = {name.rpartition("/")[2] for name in references(paths)}
    failure = schemas["Failure"]["properties"]
    failure["code"] = {"type": "string", "description": _failures(), "examples": list(FAILURES)}
    return {
        "schemas": schemas,
        "parameters": headers.parameters(),
        "headers": headers.headers(),
        "responses": shared_refusals(_limits()),
        "examples": {name: {"value": value} for name, value in subject.shown.items() if name in used}
        | {code: _refused(code) for code in REFUSALS},
        "securitySchemes": {"oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}}},
    }


def _name_plain_answers(components: Components) -> None:
    components.name("ApiVersion", headers.API_VERSIONS)
    components.name("ValidOrder", object_of({"valid": {"const": True}}))
    home = ["self", *(path.removeprefix("/") for path in COLLECTIONS), "token", "openapi", "docs", "health"]
    components.name("Home", object_of({"_links": links_of(" ".join(home))}))
    components.name("Health", object_of({"status": {"const": "ok"}}))
    fault = object_of({"code": TEXT, "detail": TEXT, "pointer?": TEXT})
    members = {"title": TEXT, "status": {"type": "integer"}, "detail?": TEXT, "correlation_id": TEXT}
    more = {"errors?": array_of(components.name("Fault", fault)), "_links?": object_of({"order?": LINK})}
    components.name("Problem", object_of(members | more))


def _name_events(components: Components) -> None:
    by_type = {each: components.name(events.name_of(each), events.event_of(each)) for each in TYPES}
    mapping = {event_type: schema["$ref"] for event_type, schema in by_type.items()}
    chosen = {"propertyName": "type", "mapping": mapping}
    components.name("Event", {"oneOf": [*by_type.values()], "discriminator": chosen})


def _refused(code: str) -> dict[str, Any]:
    """Return the example of a refusal with this code: what it means, and what to do about it."""
    advice = REFUSALS[code]
    body = {"title": TITLES[advice.status], "status": advice.status, "detail": advice.meaning}
    errors = [{"code": code, "detail": advice.meaning}]
    return {
        "summary": advice.meaning,
        "description": advice.remedy,
        "value": body | {"correlation_id": "cor_01KKB412XQ5N8G2T7WZ3R6VYAB", "errors": errors},
    }


def _failures() -> str:
    listed = (f"`{code}`: {advice.meaning} {advice.remedy}" for code, advice in FAILURES.items())
    retriable = ", ".join(f"`{code}`" for code in FAILURES if code in RETRIABLE)
    return f"Why the order failed. Retriable: {retriable}. " + " ".join(listed)


def _webhook(event_type: str) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{events.name_of(event_type)}"}}
    if event_type in WITH_EXAMPLE:
        shown = samples.shown()[OTHER_STATES.get(event_type, events.resource_of(event_type))]
        content["examples"] = {"example": {"value": _event(event_type, shown)}}
    return {
        "post": {
            "operationId": "on_" + event_type.replace(".", "_"),
            "tags": ["Orders" if event_type.startswith("order.") else "Subscriptions"],
            "summary": f"{event_type}",
            "description": f"Tells that `{event_type}` has happened, with the resource as the change left it.",
            "requestBody": {"required": True, "content": {"application/hal+json": content}},
            "responses": {"2XX": {"description": "The event was received."}},
        }
    }


def _event(event_type: str, shown: dict[str, Any]) -> dict[str, Any]:
    (resource, *beside) = events.data_of(event_type)["properties"]
    values = {
        "threshold": {"allowance_type": "data", "percentage": 80},
        "order": samples.shown()["OrderReference"],
        "location": {"current_country": "FR", "landed_at": "2026-03-12T08:15:00.000Z"},
    }
    data = {resource: shown} | {name: values[name] for name in beside}
    moment = "2026-03-10T09:30:04.250Z"
    return {"id": samples.IDS["evt"], "type": event_type, "created_at": moment, "sequence": 1, "data": data}
