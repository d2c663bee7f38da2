"""What the API says about itself: where everything is, and how it is used (contract §1)."""

import re
from collections.abc import Mapping
from functools import cache

from functions.routes import ROUTES
from functions.shared import published
from functions.shared.answers import HAL
from functions.shared.headers import Headers
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.published import WRITTEN_URL
from functions.shared.settings import Settings

WRITTEN_TOKEN_URL = f"{WRITTEN_URL}/oauth2/token"
COLLECTIONS = [route.path for route in ROUTES if route.operation.startswith("list_") and "{" not in route.path]
HTML = "text/html"
JSON = "application/json"
WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")
HEADERS = {"Cache-Control": "public, max-age=300"}
STYLE_ONLY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}
"""The pages load nothing and run nothing."""


class AboutSettings(Settings):
    """Where tokens are issued."""

    token_url: str


def get_home(request: Request) -> Response:
    """Return where everything is; as a page, if one is asked for."""
    if _wants_page(request.headers):
        page = get_docs(request)
        page.headers["Vary"] = "Accept"
        return page
    links = {path.removeprefix("/"): link(path) for path in COLLECTIONS}
    links |= {"openapi": link("/openapi.json"), "docs": link("/docs"), "health": link("/health")}
    links |= {"self": link("/"), "token": {"href": AboutSettings.load().token_url}}
    return Response(200, {"_links": links}, HEADERS | {"Vary": "Accept"})


def get_openapi_json(_request: Request) -> Response:
    """Return the description for machines."""
    return _document("openapi.json", JSON)


def get_openapi_yaml(_request: Request) -> Response:
    """Return the description for machines."""
    return _document("openapi.yaml", "application/yaml")


def get_docs(_request: Request) -> Response:
    """Return the description for people."""
    return _document("reference.html", f"{HTML}; charset=utf-8", STYLE_ONLY)


def get_orders_page(_request: Request) -> Response:
    """Return what explains orders to people."""
    return _document("orders.html", f"{HTML}; charset=utf-8", STYLE_ONLY)


def get_llms(_request: Request) -> Response:
    """Return the description for language models."""
    return _document("llms.txt", "text/plain; charset=utf-8")


def _document(name: str, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(200, _content(name), HEADERS | dict(headers or {}), content_type)


@cache
def _content(name: str) -> bytes:
    """Return a document with the addresses of this stage."""
    return published.read(name, {WRITTEN_TOKEN_URL: AboutSettings.load().token_url}).encode()


def _wants_page(headers: Headers) -> bool:
    """Return whether ``Accept`` names HTML, and no JSON before it; a program that takes anything gets JSON."""
    ranges = [each.split(";") for value in headers.get("accept", ()) for each in value.lower().split(",")]
    weights = {name.strip(): _weight(parameters) for name, *parameters in ranges}
    return 0 < weights.get(HTML, 0) >= max(weights.get(name, 0) for name in (HAL, JSON))


def _weight(parameters: list[str]) -> float:
    return next((float(found[1]) for each in parameters if (found := WEIGHT.fullmatch(each.strip()))), 1)


handler = door(__name__)
