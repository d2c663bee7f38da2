"""The events on the operator's bus as JSON Schema, made of what the API's description says of the same events."""

import json
from collections.abc import Iterable
from typing import Any

from functions.events.publishing import IN_SHORT
from functions.network.interface import ORDERS
from functions.shared.event import TYPES
from infra.openapi.answers import object_of
from infra.openapi.events import RESOURCES, TEXT, name_of
from infra.openapi.published import YAML
from infra.openapi.schemas import PLACE, Schema, references

PAGE = YAML.with_name("bus-events.schema.json")
DEFINITIONS = "#/$defs/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Events of Mobile Orders on the event bus"
DESCRIPTION = """\
An event as the target of a rule gets it, beside the members that EventBridge adds to every event. \
The schema of one type is under $defs by its detail-type. Members may be added at any time."""
SHORTENED = "InShort"
WHOLE = "As in the API's log of events."
SHORT = "If the event would be larger than 200 KB: what has an id, by its id, status and links."


def bus_schema(document: dict[str, Any]) -> Schema:
    """Return the schema of all events; ``document`` is docs/openapi.yaml."""
    shown: dict[str, Schema] = document["components"]["schemas"]
    named = shown | {f"{name}{SHORTENED}": _shortened(shown[name]) for name in [*RESOURCES.values(), "OrderReference"]}
    events = {event_type: _entry(event_type, shown[name_of(event_type)]) for event_type in TYPES}
    chosen = [{"$ref": DEFINITIONS + event_type} for event_type in TYPES]
    whole: dict[str, Any] = {"$schema": DIALECT, "title": TITLE, "description": DESCRIPTION, "oneOf": chosen}
    whole["$defs"] = events | dict(sorted(_used(events.values(), named).items()))
    schema: Schema = json.loads(json.dumps(whole, ensure_ascii=False).replace(PLACE, DEFINITIONS))
    return schema


def as_json(schema: Schema) -> str:
    """Return the schema as the file that is checked in."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _entry(event_type: str, envelope: Schema) -> Schema:
    members = envelope["properties"]
    whole: Schema = members["data"]
    parts = {name: _in_short(part) for name, part in whole["properties"].items()}
    forms = [{"description": WHOLE, **whole}, {"description": SHORT, **whole, "properties": parts}]
    beside = {"partner": {"description": "Whose event it is.", **TEXT}, "data": {"anyOf": forms}}
    detail = envelope | {"properties": members | beside, "required": sorted({*envelope["required"], *beside})}
    return object_of({"source": {"const": ORDERS}, "detail-type": {"const": event_type}, "detail": detail})


def _in_short(part: Schema) -> Schema:
    return {"$ref": part["$ref"] + SHORTENED} if "$ref" in part else part


def _shortened(resource: Schema) -> Schema:
    left = {name: member for name, member in resource["properties"].items() if name in IN_SHORT}
    return resource | {"properties": left, "required": [name for name in resource["required"] if name in left]}


def _used(schemas: Iterable[Schema], shown: dict[str, Schema]) -> dict[str, Schema]:
    """Return the named schemas to which these lead, directly or by others."""
    used: dict[str, Schema] = {}
    waiting = list(schemas)
    while waiting:
        names = {reference.removeprefix(PLACE) for reference in references(waiting.pop())} - used.keys()
        used |= {name: shown[name] for name in names}
        waiting += [shown[name] for name in names]
    return used
