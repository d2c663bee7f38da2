"""A partner's client over HTTP that looks like the one without a network, so that it shops in the same way."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from infra.local.messages import HttpResponse
from tests.support.client import Client


class HttpClient(Client):
    """Sends requests to a running server, and waits when it is asked to."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def changes(self) -> int:
        """Nothing is known of its table."""
        return 0

    def await_change(self, seen: int) -> None:
        """Wait a moment."""
        time.sleep(0.1)

    def send(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Any request; again after the pause that a 429 asks for."""
        while True:
            answer = self._http.request(method, target, json=body, headers=headers)
            if answer.status_code != 429:
                return HttpResponse(answer.status_code, answer.headers, answer.content)
            time.sleep(float(answer.headers["Retry-After"]))


def partner(url: str, name: str) -> httpx.Client:
    """A client with the partner's token."""
    grant = {"grant_type": "client_credentials"}
    token = httpx.post(f"{url}/oauth2/token", data=grant, auth=(name, f"{name}-secret")).json()["access_token"]
    limits = httpx.Limits(max_connections=32)
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, limits=limits, timeout=30)
