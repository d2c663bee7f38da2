"""A partner's client, without a network."""

import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from functions.routes import SCOPES
from infra.local import environment
from infra.local.messages import HttpResponse
from infra.local.system import System
from tests.support.description import check_answer

MAX_PAUSE_SECONDS = 0.1


class Client:
    """Sends requests as one client of the identity provider; answers have ``status``, ``headers`` and ``json()``."""

    def __init__(self, system: System, client_id: str | None, scopes: tuple[str, ...] = SCOPES) -> None:
        self.system = system
        self.client_id = client_id
        self.scopes = scopes

    @cached_property
    def token(self) -> str | None:
        """Its access token."""
        return self.system.identity.issue(self.client_id, self.scopes) if self.client_id else None

    def limited_to(self, *scopes: str) -> "Client":
        """The same client with a token for these scopes only."""
        return Client(self.system, self.client_id, scopes)

    def changes(self) -> int:
        """How often the table has changed."""
        shard = self.system.aws.store().get_table(environment.TABLE).stream_shard
        return len(shard.items) if shard else 0

    def await_change(self, seen: int) -> None:
        """Wait until the table has changed since then, but not for long: something else may be waited for."""
        deadline = time.monotonic() + MAX_PAUSE_SECONDS
        while self.changes() == seen and time.monotonic() < deadline:
            time.sleep(0.005)

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """GET; ``target`` is path and query."""
        return self.send("GET", target, headers=headers)

    def post(self, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """POST a JSON value, or bytes as they are."""
        return self.send("POST", target, body, headers)

    def patch(self, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """PATCH with a JSON value, or bytes as they are."""
        return self.send("PATCH", target, body, headers)

    def delete(self, target: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """DELETE."""
        return self.send("DELETE", target, headers=headers)

    def send(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Any request; its answer must be what the API's description says."""
        answer = self.system.request(method, target, body, headers=headers, token=self.token)
        check_answer(method, target.partition("?")[0], answer.status, answer.headers, answer.body)
        return answer
