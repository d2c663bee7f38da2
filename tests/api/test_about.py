"""What the API says about itself to everybody (contract §1, Authentication)."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import yaml

from functions.routes import ROUTES
from functions.shared.published import WRITTEN_URL
from tests.support.client import Client
from tests.support.description import document, served

BASE = "http://127.0.0.1:8080"
OPEN = ("/", "/openapi.json", "/openapi.yaml", "/docs", "/docs/orders", "/llms.txt")


class Page(HTMLParser):
    """What a page has: where it leads to, what can be led to, and what a browser would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note its attributes."""
        values = {name: value or "" for name, value in attrs}
        self.links += [values["href"]] if tag == "a" else []
        self.ids += [values["id"]] if "id" in values else []
        self.loaded += [tag] if tag in {"script", "link", "img", "iframe", "object"} or "src" in values else []
        self.loaded += [name for name in values if name.startswith("on")]
        self.open += [] if tag in {"meta", "br"} else [tag]

    def handle_endtag(self, tag: str) -> None:
        """Only what was opened last can be closed."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("target", OPEN)
def test_nobody_needs_a_token_and_any_is_ignored(anonymous: Client, acme: Client, target: str) -> None:
    first = anonymous.get(target)
    assert (first.status, first.header("Cache-Control")) == (200, "public, max-age=300")
    for answer in (acme.get(target), anonymous.get(target, {"Authorization": "Bearer no"})):
        assert (answer.status, answer.body) == (200, first.body)
    assert anonymous.get(f"{target}?more=1").status == 400


def test_the_home_document_leads_everywhere(anonymous: Client, acme: Client) -> None:
    answer = anonymous.get("/", {"Accept": "*/*"})
    assert (answer.header("Content-Type"), answer.header("Vary")) == ("application/hal+json", "Accept")
    links = {name: link["href"] for name, link in answer.json()["_links"].items()}
    lists = {route.path for route in ROUTES if route.operation.startswith("list_") and "{" not in route.path}
    assert links.keys() == {path[1:] for path in lists} | {"self", "token", "openapi", "docs", "health"}
    assert links["token"] == f"{BASE}/oauth2/token"
    for name in links.keys() - {"token"}:
        assert acme.get(urlsplit(links[name]).path).status == 200


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("TEXT/HTML;q=0.1", True),
        ("application/json;q=0.7, text/html; q=0.7", True),
        (
            "application/prs.hal-forms+json;q=1.0, application/hal+json;q=0.9, application/json;q=0.7, text/html;q=0.6",
            False,
        ),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=none", True),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("application/hal+json, text/html;q=0", False),
        ("text/html; q=0.0", False),
        ("", False),
    ],
)
def test_it_is_a_page_only_for_who_names_html_and_no_json_before_it(
    anonymous: Client, accept: str, is_page: bool
) -> None:
    answer = anonymous.get("/", {"Accept": accept})
    kind = "text/html; charset=utf-8" if is_page else "application/hal+json"
    assert (answer.status, answer.header("Content-Type"), answer.header("Vary")) == (200, kind, "Accept")
    assert (answer.body == anonymous.get("/docs").body) == is_page


def test_the_description_is_the_same_in_both_forms_with_our_addresses(anonymous: Client) -> None:
    in_json, in_yaml = anonymous.get("/openapi.json"), anonymous.get("/openapi.yaml")
    assert in_json.header("Content-Type") == "application/json"
    assert in_yaml.header("Content-Type") == "application/yaml"
    described = in_json.json()
    assert described == yaml.load(in_yaml.body, Loader=yaml.CSafeLoader)
    assert described == json.loads(json.dumps(served()).replace(WRITTEN_URL, BASE))
    assert described["servers"] == [{"url": BASE}]


@pytest.mark.parametrize("target", ["/docs", "/docs/orders"])
def test_pages_load_nothing_and_their_links_lead_somewhere(anonymous: Client, target: str) -> None:
    answer = anonymous.get(target)
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert (answer.header("Content-Security-Policy") or "").startswith("default-src 'none'; style-src 'unsafe-inline'")
    text = answer.body.decode()
    page = Page(text)
    assert (page.loaded, page.open) == ([], [])
    assert not re.search(r"url\((?!#)|@import", text)
    assert len(set(page.ids)) == len(page.ids)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    for path, _, anchor in {link.removeprefix(BASE).partition("#") for link in page.links if link[0] != "#"}:
        led = anonymous.get(path)
        assert led.status == 200
        assert not anchor or anchor in Page(led.body.decode()).ids


def test_the_reference_begins_with_a_link_to_what_orders_are(anonymous: Client) -> None:
    front = anonymous.get("/docs").body.decode().partition("<section")[0]
    assert f"{BASE}/docs/orders" in Page(front).links
    assert f"({BASE}/docs/orders)" in anonymous.get("/llms.txt").body.decode()


def test_the_page_about_orders_has_its_picture_and_tables(anonymous: Client) -> None:
    text = anonymous.get("/docs/orders").body.decode()
    assert "<title>The lifecycle of an order</title>" in text
    assert text.count("<table>") == 4
    assert "{{" not in text


def test_the_reference_has_every_operation_schema_and_code(anonymous: Client) -> None:
    ids = set(Page(anonymous.get("/docs").body.decode()).ids)
    operations = {each["operationId"] for methods in document()["paths"].values() for each in methods.values()}
    schemas = {f"schema-{name}" for name in document()["components"]["schemas"]}
    examples = document()["components"]["examples"]
    assert operations | schemas | {f"code-{name}" for name in examples if "summary" in examples[name]} <= ids


def test_the_summary_names_every_operation_and_event(anonymous: Client) -> None:
    answer = anonymous.get("/llms.txt")
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    text = answer.body.decode()
    assert text.startswith("# Mobile Order API\n\n> ")
    assert f"({BASE}/openapi.json)" in text
    assert all(f"`{route.method} {route.path}`" in text for route in ROUTES)
    assert all(f"`{event_type}`" in text for event_type in document()["webhooks"])


def test_health_has_a_head(anonymous: Client) -> None:
    answer = anonymous.send("HEAD", "/health")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("Content-Type") == "application/hal+json"
