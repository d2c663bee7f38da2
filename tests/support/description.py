"""Holds what the running functions answer and publish against the description, so that it cannot drift from them."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from infra.local.paths import resource_of
from infra.openapi.bus import PAGE
from infra.openapi.published import read, with_sandbox
from infra.openapi.schemas import Schema

OF_THE_GATEWAY = {405, 413}
"""Statuses that any path can answer to what no operation asks for."""


@cache
def document() -> dict[str, Any]:
    """Return the description as it is checked in."""
    return read()


@cache
def served() -> dict[str, Any]:
    """Return the description that the sandbox serves."""
    return with_sandbox(document())


def check_answer(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Fail on an answer whose status, codes or members its operation does not declare."""
    resource, _ = resource_of(path)
    operation = served()["paths"].get(resource, {}).get(method.lower())
    if operation is None or status in OF_THE_GATEWAY:
        return
    where = f"{method} {resource}: {status}"
    assert str(status) in operation["responses"], f"{where} is not declared"
    declared = _resolved(operation["responses"][str(status)])
    named = next(value for name, value in headers.items() if name.lower() == "content-type")
    media_type = named.partition(";")[0]
    if "content" not in declared:
        assert body == b"", where
        return
    assert media_type in declared["content"], f"{where} is not declared as {media_type}"
    content = declared["content"][media_type]
    if "json" not in media_type or "schema" not in content:
        return
    answer = json.loads(body)
    assert faults(content["schema"], answer) == [], where
    unsaid = [error for error in answer.get("errors", ()) if "None" in error["detail"]]
    assert unsaid == [], f"{where} says what only Python understands"
    undeclared = {error["code"] for error in answer.get("errors", ())} - content.get("examples", {}).keys()
    assert status < 400 or not undeclared, f"{where} does not declare {undeclared}"


def check_event(event: Mapping[str, Any]) -> None:
    """Fail on an event whose type or members are not declared."""
    webhook = document()["webhooks"][event["type"]]["post"]
    envelope = {name: event[name] for name in ("id", "type", "created_at", "sequence", "data")}
    schema = webhook["requestBody"]["content"]["application/hal+json"]["schema"]
    assert faults(schema, envelope) == [], event["type"]


def check_bus_entry(entry: Mapping[str, Any]) -> None:
    """Fail on an entry of the bus with one of these events whose members are not declared."""
    event = {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
    found = [fault.message[:300] for fault in _of_bus(entry["DetailType"]).iter_errors(event)]
    assert found == [], entry["DetailType"]


@cache
def _of_bus(event_type: str) -> Draft202012Validator:
    schema = _closed(json.loads(PAGE.read_text()))
    del schema["oneOf"]
    return _validating(schema | {"$ref": f"#/$defs/{event_type}"})


def faults(schema: Schema, value: Any, *, closed: bool = True) -> list[str]:
    """Return what of the value the schema does not allow; if it is ``closed``, also members that it does not name."""
    found = _validator(json.dumps(schema), closed=closed).iter_errors(value)
    return [f"{fault.json_path}: {fault.message[:300]}" for fault in found]


@cache
def _validator(schema: str, *, closed: bool) -> Draft202012Validator:
    components = _components(closed=closed)
    whole = {**(_closed(json.loads(schema)) if closed else json.loads(schema)), "components": components}
    return _validating(whole)


def _validating(schema: Schema) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def _components(*, closed: bool) -> dict[str, Any]:
    schemas = served()["components"]["schemas"]
    return {"schemas": _closed(schemas) if closed else schemas}


def _closed(value: Any) -> Any:
    """Return the schema without room for members that it does not name: answers may get more, but not unnoticed."""
    if isinstance(value, list):
        return [_closed(element) for element in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _closed(member) for name, member in value.items()}
    return (
        {"additionalProperties": False, **inner} if inner.get("type") == "object" and "properties" in inner else inner
    )


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    shared: dict[str, Any] = served()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return shared
