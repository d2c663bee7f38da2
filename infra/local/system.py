"""The whole system in this process."""

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from functions.identity.clients import register
from infra.local import environment
from infra.local.aws import Aws, mocked
from infra.local.functions import NOT_FOUND, RULES, Functions
from infra.local.gateway import Gateway
from infra.local.identity import CLIENTS, IdentityProvider
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.patches import replaced
from infra.local.pumps import ClockPump, Pump
from infra.local.queues import QueuePump
from infra.local.routes import LOCAL_ROUTES, SANDBOX
from infra.local.stream import StreamPump
from infra.openapi.published import publish

QUIET_CHECKS = 3
"""So often in a row nothing may move for the system to be at rest: work passes from one part to the next."""
CHECK_SECONDS = 0.005
PATIENCE_SECONDS = 25.0
"""How long a change is tried again while others win: here one interpreter does the work of all of AWS."""
STOP_SECONDS = 1.0
"""So long functions that still run may take when the system stops."""


class System:
    """Everything that a stack would deploy, and what AWS does around it. One per process, and started once.

    ``functions`` can be replaced one by one; ``aws`` holds clients; ``identity`` issues any token.
    """

    def __init__(self, public_url: str) -> None:
        environment.prepare(public_url)
        self.functions = Functions()
        self.gateway = Gateway(self.functions)
        self.identity = IdentityProvider(public_url)
        self._running = ExitStack()
        self._stream: list[Pump] = []
        self._queues: list[Pump] = []
        self._clock: list[Pump] = []

    def start(self, seed: Callable[[], None] = lambda: None) -> None:
        """Create the resources, let ``seed`` write what is there from the beginning, and let everything run."""
        self.identity.start()
        self._running.callback(self.identity.stop)
        os.environ["JWKS_URL"] = self.identity.jwks_url
        documents = self._running.enter_context(TemporaryDirectory())
        publish(Path(documents))
        os.environ["DOCUMENTS"] = documents
        self._running.enter_context(
            mocked(self.functions, lambda: _wake(self._stream), lambda: _wake(self._queues)),
        )
        self.aws = Aws()
        self.aws.create()
        self._open_sandbox()
        for client_id, client in CLIENTS.items():
            register(client_id, client.partner, api_key=f"{client.partner}-api-key")
        self._running.callback(self._end_executions)
        seed()
        self._stream = [StreamPump(self.aws.store(), self.functions)]
        self._queues = [QueuePump(self.aws, self.functions, rule) for rule in RULES]
        self._clock = [ClockPump(self.functions)]
        for pump in self._pumps():
            pump.start()

    def stop(self) -> None:
        """End everything, only then the mock; what is not finished is lost with the rest of the memory."""
        for pump in reversed(self._pumps()):
            pump.stop()
        self._running.close()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request to the API or for a token."""
        if request.path == environment.TOKEN_PATH:
            return self.identity.handle(request)
        return self.gateway.handle(request)

    def request(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> HttpResponse:
        """Send a request without a network; ``body`` is sent as it is if it is bytes, else as JSON."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if content and "content-type" not in {name.lower() for name in sent}:
            sent["Content-Type"] = "application/json"
        return self.handle(HttpRequest(method, target, tuple(sent.items()), content))

    def quiesce(self, timeout: float = 15.0) -> None:
        """Wait until nothing moves any more: no change, event or message waits, and nothing runs.

        Raises ``TimeoutError`` when it does not come to rest.
        """
        deadline = time.monotonic() + timeout
        quiet, seen = 0, -1
        while quiet < QUIET_CHECKS:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the system did not come to rest within {timeout} s: {self._business()}")
            moved = seen != self.functions.started
            seen = self.functions.started
            quiet = 0 if moved or self._business() else quiet + 1
            time.sleep(CHECK_SECONDS)

    def _open_sandbox(self) -> None:
        """Let time be moved and reports be injected; only here, never in a deployed system."""
        from functions.not_found import fallback  # noqa: PLC0415 - reads the environment that was just prepared
        from functions.shared import table  # noqa: PLC0415 - likewise
        from infra.local.sandbox import Sandbox, serve_sandbox  # noqa: PLC0415 - likewise

        self._running.enter_context(replaced(table, "PATIENCE_SECONDS", lambda _seconds: PATIENCE_SECONDS))
        sandbox = Sandbox(self)
        self._running.enter_context(sandbox.time.in_force())
        self.functions.install(SANDBOX, serve_sandbox(sandbox))
        self.functions.install(NOT_FOUND, fallback(LOCAL_ROUTES))

    def _end_executions(self) -> None:
        """None may go on when its calls of AWS are not answered any more; what they have begun may end for a moment."""
        for arn in self.aws.running_executions():
            self.aws.stepfunctions.stop_execution(executionArn=arn)
        deadline = time.monotonic() + STOP_SECONDS
        while any(self.functions.running.copy().values()) and time.monotonic() < deadline:
            time.sleep(CHECK_SECONDS)

    def _business(self) -> list[str]:
        """What is not at rest."""
        busy = [pump.name for pump in [*self._stream, *self._queues] if not pump.idle()]
        running = self.functions.running.copy()
        busy += [module for module, times in running.items() if times and module != SANDBOX]
        return busy + self.aws.running_executions()

    def _pumps(self) -> list[Pump]:
        return [*self._stream, *self._queues, *self._clock]


def _wake(pumps: list[Pump]) -> None:
    for pump in pumps:
        pump.wake()
