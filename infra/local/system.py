"""The whole system in this process."""

import json
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from infra.bus import SENDERS
from infra.console import page
from infra.gateway_body import NOT_FOUND
from infra.local import activity, environment
from infra.local.attempts import observed
from infra.local.aws import Aws, mocked
from infra.local.chance import Chance
from infra.local.folder import BEGUN, SETTING, Nowhere
from infra.local.functions import SENDER, Functions
from infra.local.gate import Gate
from infra.local.gateway import Gateway
from infra.local.identity import CLIENTS, IdentityProvider
from infra.local.keeping import Keeper
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.pumps import brief_looks
from infra.local.routes import LOCAL_ROUTES, SANDBOX
from infra.local.secrets import secrets_of
from infra.local.traffic import Traffic
from infra.openapi.published import publish, read, with_sandbox
from infra.operator.partners.records import let_in

if TYPE_CHECKING:
    from infra.local.seed import Seed

CHECK_SECONDS = 0.005
STOP_SECONDS = 1.0
"""So long functions that still run may take when the system stops."""
RESET_SECONDS = 6.0
"""So long requests and functions that still run may take when everything is reset: the slow network takes five."""


class System:
    """Everything that a stack deploys, and what AWS does around it. One per process, and started once.

    ``functions`` can be replaced one by one; ``aws`` holds clients; ``identity`` issues any token.
    """

    def __init__(
        self,
        public_url: str,
        random_seed: str = "",
        folder: Nowhere | None = None,
        senders: int = SENDERS,
        network: str = "normal",
    ) -> None:
        environment.prepare(public_url)
        self._network = network
        self.folder = folder or Nowhere()
        self._keeper = Keeper(self.folder)
        self._secrets = secrets_of(self.folder)
        self.chance = Chance(random_seed, self._keeper.starts)
        self.functions = Functions()
        self._traffic = Traffic(self.functions, self._keeper, senders)
        self.gateway = Gateway(self.functions)
        self.identity = IdentityProvider(public_url, self._secrets.tokens)
        self._running = ExitStack()
        self._gate = Gate()

    def start(self, seed: "Seed") -> None:
        """Create the resources, write the initial data by ``seed``, and start everything."""
        self.identity.start()
        self._running.callback(self.identity.stop)
        os.environ["JWKS_URL"] = self.identity.jwks_url
        os.environ["DOCUMENTS"] = documents = self._running.enter_context(TemporaryDirectory())
        publish(Path(documents), with_sandbox(read()))
        self._running.enter_context(mocked(self.functions, self._traffic))
        self._running.enter_context(self._keeper.in_force())
        self._running.enter_context(self.chance.in_force())
        self._running.enter_context(observed(lambda: self._traffic.tasks))
        self.aws = Aws()
        self._running.enter_context(brief_looks(self.aws))
        self._open_sandbox()
        self._running.callback(self._end_executions)
        self.seed = seed
        with self.folder.held():
            self._begin(earlier=self.folder.begun)
        self.folder.start(self.sandbox.notes)

    def reset(self) -> None:
        """Restore the initial state; no other request than the one that asks for it runs meanwhile."""
        self.functions.work.give_up()
        with self._gate.closed(RESET_SECONDS), self.folder.held():
            self._traffic.stop()
            self._end_executions()
            self._await_functions(RESET_SECONDS)
            self.aws.delete()
            self._keeper.forget()
            self.identity.clients = dict(CLIENTS)
            self.gateway.forget()
            self.sandbox.time.restart()
            self.sandbox.conditions.restart()
            self.chance.restart()
            self._begin(earlier=False)

    def stop(self) -> None:
        """Stop everything, and the mock last; unfinished work is lost, unless a folder keeps it.

        Raise :class:`~infra.local.folder.NotSaved` if the folder cannot be written.
        """
        self._traffic.stop()
        self._running.close()
        self.folder.stop()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request to the API, for a token or for the console."""
        if page.is_for(request):
            return page.answer(request)
        with self._gate.passed():
            if request.path != environment.TOKEN_PATH:
                return self.gateway.handle(request)
            answer = self.identity.handle(request)
            activity.log_token(answer)
            return answer

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
        """Wait until nothing is under way or waits any more, or a reset. Raise ``TimeoutError`` if it takes longer."""
        self._traffic.await_rest(timeout)

    def _begin(self, *, earlier: bool) -> None:
        """Create everything, with the first state or with an earlier one that the folder keeps."""
        self.aws.create(self._secrets)
        for client_id, client in CLIENTS.items():
            let_in(client.partner, client_id, api_key=f"{client.partner}-api-key")
        self._keeper.number_records(self.aws)
        if not earlier:
            self._write_first_state()
        self._traffic.prepare(self.aws)
        if earlier:
            self._keeper.bring_back(self.aws, self._traffic.hand_over)
            self.sandbox.bring_back()
        self._traffic.start()
        if earlier:
            self._keeper.start_executions()

    def _write_first_state(self) -> None:
        self.seed()
        self.seed.keep(self.folder)
        self.folder.note((SETTING, BEGUN, True))

    def _open_sandbox(self) -> None:
        """Add the sandbox's routes, which no deployed system has."""
        from functions.not_found import fallback  # noqa: PLC0415 - reads the environment that was just prepared
        from infra.local.conditions import Conditions  # noqa: PLC0415 - likewise
        from infra.local.sandbox import Sandbox, serve_sandbox  # noqa: PLC0415 - likewise

        self.sandbox = Sandbox(self, Conditions(self._network))
        self._running.enter_context(self.sandbox.conditions.in_force())
        self._running.enter_context(self.sandbox.time.in_force())
        self.functions.install(SANDBOX, serve_sandbox(self.sandbox))
        self.functions.install(NOT_FOUND, fallback(LOCAL_ROUTES))

    def _end_executions(self) -> None:
        """Stop every execution before AWS calls are no longer answered; give their running steps a moment to end."""
        for arn in self.aws.running_executions():
            self.aws.stepfunctions.stop_execution(executionArn=arn)
        self._await_functions(STOP_SECONDS)

    def _await_functions(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._running_functions() and time.monotonic() < deadline:
            time.sleep(CHECK_SECONDS)

    def _running_functions(self) -> list[str]:
        """Return those that run, but for the sandbox's own, which wait for the others, and a sender that only waits."""
        own = {SANDBOX, SENDER} if self._traffic.tasks.idle() else {SANDBOX}
        return [each for each, times in self.functions.running.copy().items() if times and each not in own]
