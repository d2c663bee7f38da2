"""Schemas as HTML: a table of members for each, and one line for a type."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
    "maxProperties": "at most {} members",
    "default": "by default {}",
}
CODE = re.compile(r"`([^`]+)`")


def schema_section(name: str, schema: dict[str, Any]) -> str:
    """Return the table of a schema that has a name; of one without members, its line."""
    shown = table(schema) if "properties" in schema else f"<p>{type_of(schema)}</p>"
    return f'<section id="schema-{name}"><h3>{escape(name)}</h3>{shown}</section>'


def table(schema: dict[str, Any]) -> str:
    """Return the members of an object."""
    required = set(schema.get("required", ()))
    rows = "".join(_row(name, member, name in required) for name, member in schema.get("properties", {}).items())
    return f"<table><tr><th>member</th><th>type</th><th></th></tr>{rows}</table>"


def type_of(schema: dict[str, Any]) -> str:
    """Return a schema as one line, with links to those that have names."""
    match schema:
        case {"$ref": reference}:
            text = link_to(reference)
        case {"oneOf": choices} | {"anyOf": choices}:
            text = " or ".join(map(type_of, choices))
        case {"const": value}:
            text = _code(value)
        case {"enum": values}:
            text = ", ".join(map(_code, values))
        case {"items": items}:
            text = f"array of {type_of(items)}"
        case {"additionalProperties": dict(values)}:
            text = f"map of {type_of(values)}"
        case {"properties": members} if members:
            text = table(schema)
        case _:
            text = escape(str(schema.get("format", schema.get("type", "any value"))))
    return text


def link_to(reference: str) -> str:
    """Return a link to a schema that has a name."""
    name = escape(reference.rpartition("/")[2])
    return f'<a href="#schema-{name}">{name}</a>'


def _code(value: Any) -> str:
    return f"<code>{escape(str(value))}</code>"


def _row(name: str, schema: dict[str, Any], required: bool) -> str:
    description = CODE.sub(r"<code>\1</code>", escape(schema.get("description", ""), quote=False))
    mark = "" if required else ' <span class="optional">optional</span>'
    bounds = "; ".join(_bounds({**schema.get("anyOf", [{}])[0], **schema}))
    return (
        f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{type_of(schema)}</td><td>{description} {bounds}</td></tr>"
    )


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    for name, text in BOUNDS.items():
        if name in schema:
            yield escape(text.format(schema[name]))
    if "pattern" in schema:
        yield f"<code>{escape(schema['pattern'])}</code>"
