"""A partner's client over HTTP that looks like the one without a network, so that it shops in the same way."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from infra.local.messages import HttpResponse
from tests.client import Client


class HttpClient(Client):
    """Sends requests to a running server, and waits when it is asked to."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Any request; again after the pause that a 429 asks for."""
        while True:
            answer = self._http.request(method, target, json=body, headers=headers)
            if answer.status_code != 429:
                return HttpResponse(answer.status_code, answer.headers, answer.content)
            time.sleep(float(answer.headers["Retry-After"]))
