"""The API as a partner's client sees it, over HTTP."""

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

SECONDS = 40
"""Longer than the gateway waits for a function."""


class Unreachable(Exception):
    """There is no answer."""


class Wrong(Exception):
    """An answer is not as it should be."""


@dataclass(frozen=True)
class Answer:
    """An answer; ``body`` is its JSON value, if it has one."""

    status: int
    body: Any
    location: str = ""

    def must_be(self, status: int) -> Any:
        """Return the body. Raise :class:`Wrong` if the status is another one."""
        if self.status != status:
            raise Wrong(f"answered {self.status} instead of {status}: {json.dumps(self.body)}")
        return self.body


@dataclass(frozen=True)
class Api:
    """The API under its base URL, with or without a token."""

    url: str
    token: str = ""

    def signed_in(self, client_id: str, client_secret: str) -> "Api":
        """Return the API with a token from where its home document says."""
        token_url = self.get("/").must_be(200)["_links"]["token"]["href"]
        basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        grant = urlencode({"grant_type": "client_credentials"}).encode()
        return replace(self, token=_send("POST", token_url, headers, grant).must_be(200)["access_token"])

    def get(self, target: str) -> Answer:
        """Read a path, or what a link leads to."""
        return self._send("GET", target)

    def post(self, path: str, body: Any) -> Answer:
        """Send a JSON body."""
        return self._send("POST", path, body)

    def delete(self, path: str) -> Answer:
        """Delete."""
        return self._send("DELETE", path)

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Return the first page of a list."""
        (page,) = self.get(path).must_be(200)["_embedded"].values()
        return list(page)

    def _send(self, method: str, target: str, body: Any = None) -> Answer:
        url = self.url + target if target.startswith("/") else target
        if not url.startswith(self.url):
            raise Wrong(f"a link leads elsewhere: {url}")
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        return _send(method, url, headers, None if body is None else json.dumps(body).encode())


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Let a redirect be an answer like any other: a token goes nowhere else."""


def _send(method: str, url: str, headers: dict[str, str], content: bytes | None) -> Answer:
    request = Request(url, content, headers, method=method)  # noqa: S310 - the operator's own stage
    proxies = [ProxyHandler({})] if request.host.startswith(("127.0.0.1", "localhost")) else []
    try:
        with build_opener(_NoRedirects, *proxies).open(request, timeout=SECONDS) as answer:
            return Answer(answer.status, _json(answer.read()), answer.headers.get("Location", ""))
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, _json(refused.read()))
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise Unreachable(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from None


def _json(text: bytes) -> Any:
    return json.loads(text) if text else None
