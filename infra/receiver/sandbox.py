"""The sandbox as a partner's client sees it: sign in, make a webhook, delete it."""

import json
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 30


class NotDone(Exception):
    """The sandbox cannot be reached or refuses; the text says why."""


@dataclass(frozen=True)
class Client:
    """A partner's client; it signs in for each thing that it does, since tokens end before a listener does."""

    url: str
    client_id: str
    client_secret: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request of the partner, and return the answer's body if it has one."""
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        return self._send(method, path, headers, None if body is None else json.dumps(body).encode())

    def _token(self) -> str:
        basic = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"grant_type": "client_credentials"}).encode()
        return str(self._send("POST", "/oauth2/token", headers, body)["access_token"])

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Any:
        request = Request(self.url + path, body, headers, method=method)  # noqa: S310 - the developer's own sandbox
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=SECONDS) as answer:
                text = answer.read()
            return json.loads(text) if text else None
        except HTTPError as refused:
            with refused:
                raise NotDone(f"{method} {path} answered {refused.code}: {_detail(refused.read())}") from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise NotDone(f"{self.url} cannot be reached: {getattr(error, 'reason', error)}") from None


def _detail(problem: bytes) -> str:
    """Return what an error says to people."""
    try:
        found = json.loads(problem)
    except ValueError:
        return problem.decode(errors="replace")
    return str(found.get("detail") or found.get("title") or found.get("error") or found)
