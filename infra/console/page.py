"""Serves the console: its built files, and the definitions that it draws. None is secret, so it needs no token."""

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from functions.shared.http import SECURITY_HEADERS
from infra.console.definitions import definitions
from infra.local.messages import HttpRequest, HttpResponse, json_response

PATH = "/console"
BUILT = Path(__file__).with_name("built")
HTML = "text/html; charset=utf-8"
PAGE_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing inline, nothing from elsewhere, and no text that becomes markup or code."""
HEADERS = {**SECURITY_HEADERS, "Content-Security-Policy": PAGE_ONLY, "Cache-Control": "no-cache"}
HEADERS |= {"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"}


def is_for(request: HttpRequest) -> bool:
    """Return whether the request is for the console."""
    return request.path == PATH or request.path.startswith(f"{PATH}/")


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a request for the console."""
    make = _answers().get(request.path)
    if make is None:
        return _problem(404, "Resource not found", HEADERS)
    if request.method != "GET":
        return _problem(405, "Method not allowed", HEADERS | {"Allow": "GET"})
    return make()


@cache
def _answers() -> dict[str, Callable[[], HttpResponse]]:
    """Return what makes the answer of each path."""
    return {
        PATH: partial(_file, "index.html", HTML),
        # The page's links are relative to its own path.
        f"{PATH}/": partial(HttpResponse, 308, HEADERS | {"Location": f"..{PATH}"}),
        f"{PATH}/console.js": partial(_file, "console.js", "text/javascript; charset=utf-8"),
        f"{PATH}/console.css": partial(_file, "console.css", "text/css; charset=utf-8"),
        f"{PATH}/icon.svg": partial(_file, "icon.svg", "image/svg+xml"),
        f"{PATH}/definitions.json": partial(_json, 200),
    }


def _file(name: str, content_type: str) -> HttpResponse:
    return HttpResponse(200, HEADERS | {"Content-Type": content_type}, (BUILT / name).read_bytes())


def _json(status: int) -> HttpResponse:
    return json_response(status, definitions(), HEADERS)


def _problem(status: int, title: str, headers: dict[str, str]) -> HttpResponse:
    body = json.dumps({"title": title, "status": status}).encode()
    return HttpResponse(status, headers | {"Content-Type": "application/problem+json"}, body)
