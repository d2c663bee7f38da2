"""``/llms.txt``: what a language model needs to know to use the API, in a few kilobytes."""

from collections.abc import Iterator
from typing import Any


def llms_text(document: dict[str, Any]) -> str:
    """Return the summary: what the API is, where its description is, and each operation in a line."""
    info, base = document["info"], document["servers"][0]["url"]
    lines = [f"# {info['title']}", "", f"> {info['summary']} API version {info['version']}.", "", info["description"]]
    lines += ["## Documents", ""]
    lines += [f"- [OpenAPI 3.1]({base}/openapi.json): every operation, schema, example and error code"]
    lines += [f"- [Reference]({base}/docs): the same for people"]
    lines += [f"- [Orders explained]({base}/docs/orders): each order type with its requests and answers"]
    for tag in document["tags"]:
        lines += ["", f"## {tag['name']}", "", tag["description"], "", *_operations(document, tag["name"])]
    lines += ["", "## Events", "", *(f"- `{event_type}`" for event_type in document["webhooks"])]
    return "\n".join(lines) + "\n"


def _operations(document: dict[str, Any], tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield f"- `{method.upper()} {path}`: {operation['summary']}. {operation['description']}"
