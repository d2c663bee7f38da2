"""``/docs``: the description as one page of HTML that loads nothing and runs nothing."""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from infra.openapi.orders_page import orders_html
from infra.openapi.schema_tables import schema_section, type_of

STYLE = Path(__file__).with_name("reference.css").read_text()
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<nav>{navigation}</nav>
<main>
{content}
</main>
</body>
</html>
"""
FRONT = """\
<h1>{title}</h1>
<p>Version {version} · <a href="{base}/openapi.json">OpenAPI (JSON)</a> · <a href="{base}/openapi.yaml">YAML</a> ·
<a href="{base}/llms.txt">llms.txt</a></p>
<p>New here? <a href="{base}/docs/orders">Orders explained</a>: what each order type is for, its requests and answers,
the lifecycle, what fails and why.</p>
"""
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>')
CODE = re.compile(r"`([^`]+)`")


def reference_page(document: dict[str, Any]) -> str:
    """Return the whole page."""
    info, base = document["info"], document["servers"][0]["url"]
    front = FRONT.format(title=escape(info["title"]), version=escape(info["version"]), base=escape(base))
    return _page(info["title"], _navigation(document), [front, *_content(document)])


def orders_page(document: dict[str, Any]) -> str:
    """Return the page that explains orders."""
    base = document["servers"][0]["url"]
    html = orders_html(escape(base))
    chapters = (f'<a href="#{anchor}">{title}</a>' for anchor, title in HEADING.findall(html))
    return _page("Orders", [f'<a href="{escape(base)}/docs">Reference</a><h2>Orders</h2>', *chapters], [html])


def _page(title: str, navigation: Iterable[str], content: Iterable[str]) -> str:
    return PAGE.format(title=escape(title), style=STYLE, navigation="\n".join(navigation), content="\n".join(content))


def _navigation(document: dict[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for _, _, operation in _tagged(document, tag["name"]):
            yield f'<a href="#{operation["operationId"]}">{escape(operation["summary"])}</a>'
    yield '<h2>More</h2><a href="#codes">Error codes</a><a href="#events">Events</a><a href="#schemas">Schemas</a>'


def _content(document: dict[str, Any]) -> Iterator[str]:
    yield words(document["info"]["description"])
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>{words(tag['description'])}"
        for method, path, operation in _tagged(document, tag["name"]):
            yield "\n".join(_operation(document, method, path, operation))
    yield from _codes(document)
    yield from _events(document)
    yield '<h2 id="schemas">Schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield schema_section(name, schema)


def _tagged(document: dict[str, Any], tag: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method.upper(), path, operation


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<section id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>'
    yield f'<p class="path"><b class="{method.lower()}">{method}</b> <code>{escape(path)}</code></p>'
    yield words(operation["description"])
    scopes = [scope for each in operation["security"] for scope in each["oauth2"]]
    yield f"<p>Scope: <code>{escape(scopes[0])}</code></p>" if scopes else "<p>Needs no token.</p>"
    yield _parameters(document, operation["parameters"])
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"<h4>Request</h4><p>{type_of(content['schema'])}</p>{_example(document, content)}"
    yield "<h4>Answers</h4>"
    for status, answer in operation["responses"].items():
        yield _answer(document, status, answer)
    yield "</section>"


def _parameters(document: dict[str, Any], parameters: Iterable[dict[str, Any]]) -> str:
    rows = [_resolved(document, parameter) for parameter in parameters]
    cells = (
        f"<tr><td><code>{escape(row['name'])}</code></td><td>{row['in']}</td><td>{type_of(row['schema'])}</td>"
        f"<td>{words(row.get('description', ''))}</td></tr>"
        for row in rows
    )
    return f"<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>{''.join(cells)}</table>"


def _answer(document: dict[str, Any], status: str, answer: dict[str, Any]) -> str:
    answer = _resolved(document, answer)
    title, _, listed = answer["description"].partition(": ")
    codes = ", ".join(f'<a href="#code-{code}"><code>{code}</code></a>' for code in CODE.findall(listed))
    shown = f"<p><b>{status}</b> {words(title, inline=True)} {codes}"
    for media_type, content in answer.get("content", {}).items():
        if status < "300":
            kind = type_of(content["schema"]) if "schema" in content else ""
            shown += f" <code>{escape(media_type)}</code> {kind}</p>{_example(document, content)}<p>"
    return f"{shown}</p>".replace("<p></p>", "")


def _example(document: dict[str, Any], content: dict[str, Any]) -> str:
    examples = [_resolved(document, example)["value"] for example in content.get("examples", {}).values()]
    texts = (escape(json.dumps(each, indent=2, ensure_ascii=False)) for each in examples)
    return "".join(f"<details><summary>Example</summary><pre>{text}</pre></details>" for text in texts)


def _codes(document: dict[str, Any]) -> Iterator[str]:
    yield '<h2 id="codes">Error codes</h2><table><tr><th>code</th><th>meaning</th><th>what to do</th></tr>'
    for name, example in document["components"]["examples"].items():
        if "summary" in example:
            meaning, remedy = words(example["summary"]), words(example["description"])
            yield f'<tr id="code-{name}"><td><code>{name}</code></td><td>{meaning}</td><td>{remedy}</td></tr>'
    yield "</table>"


def _events(document: dict[str, Any]) -> Iterator[str]:
    yield '<h2 id="events">Events</h2><table><tr><th>type</th><th>data</th></tr>'
    for event_type, webhook in document["webhooks"].items():
        content = webhook["post"]["requestBody"]["content"]["application/hal+json"]
        members = _resolved(document, content["schema"])["properties"]["data"]["properties"].items()
        data = ", ".join(f"{name}: {type_of(schema)}" for name, schema in members)
        yield f"<tr><td><code>{event_type}</code></td><td>{data}{_example(document, content)}</td></tr>"
    yield "</table>"


def _resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def words(text: str, *, inline: bool = False) -> str:
    """Return a text with its code marked; each paragraph by itself."""
    marked = CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    return marked if inline else "".join(f"<p>{part}</p>" for part in marked.strip().split("\n\n") if part)
