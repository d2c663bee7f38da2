"""``/docs/orders``: docs/orders.md as one page of HTML, with its picture in it."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).parents[2] / "docs"
LINKS = {"contract.md#2-orders": "/docs", "errors.md": "/docs#codes"}
"""Where the page leads to instead of the repository's files."""


def orders_html(base: str) -> str:
    """Return the page's content, for the address of an API."""
    reader = MarkdownIt().enable("table")
    tokens = reader.parse((DOCS / "orders.md").read_text())
    for heading, text in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", text.content.lower().replace(" ", "-"))
    for token in _inner(tokens):
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            token.attrSet("href", target if target.startswith("#") else base + LINKS[target])
        if token.type == "image":
            token.type, token.content = "html_inline", (DOCS / str(token.attrGet("src"))).read_text()
    return str(reader.renderer.render(tokens, reader.options, {}))


def _inner(tokens: Iterable[Token]) -> Iterable[Token]:
    return (inner for token in tokens for inner in token.children or ())
