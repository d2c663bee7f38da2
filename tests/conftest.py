"""The system on one machine, for every test that needs it; and which tests share a process."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from infra.local import environment

hypothesis_settings.register_profile("steady", deadline=None)
hypothesis_settings.load_profile("steady")  # a busy machine is slow at any example

PUBLIC_URL = "http://127.0.0.1:8080"
environment.prepare(PUBLIC_URL)  # before any test module imports a function, which reads it

from functions.shared.settings import Settings  # noqa: E402 - see above
from infra.bus import SIMULATED_NETWORK  # noqa: E402 - see above
from infra.local import retries  # noqa: E402 - see above
from infra.local.functions import Handler  # noqa: E402 - see above
from infra.local.patches import replaced  # noqa: E402 - see above
from infra.local.seed import seed  # noqa: E402 - see above
from infra.local.system import System  # noqa: E402 - see above
from tests.support.client import Client  # noqa: E402 - see above
from tests.support.shop import Shop  # noqa: E402 - see above

RETRY_PACE = 1 / 500
"""All retries of a step take about half a second."""
MAX_SLOWNESS_SECONDS = 8
"""Less than the network's timeout."""


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system, started and seeded once per test process; a test brings its own ids and leaves no mark on others."""
    with ExitStack() as stack:
        stack.enter_context(replaced(retries, "RETRY_PACE", lambda _pace: RETRY_PACE))
        system = System(PUBLIC_URL)
        stack.callback(system.stop)
        system.start(seed)
        yield system


@pytest.fixture
def acme(system: System) -> Client:
    """The partner acme, with every scope and nothing left over from other tests' rate limits."""
    system.gateway.throttle.refill()
    return Client(system, "acme")


@pytest.fixture
def globex(system: System) -> Client:
    """The other partner."""
    system.gateway.throttle.refill()
    return Client(system, "globex")


@pytest.fixture
def anonymous(system: System) -> Client:
    """Somebody without a token."""
    system.gateway.throttle.refill()
    return Client(system, None)


@pytest.fixture(scope="session")
def sold_in_sandbox(system: System) -> list[dict[str, Any]]:
    """What acme sells; no test changes it."""
    return Shop(Client(system, "acme")).offerings


@pytest.fixture
def shop(acme: Client, sold_in_sandbox: list[dict[str, Any]]) -> Shop:
    """The partner acme and what it sells."""
    shop = Shop(acme)
    shop.offerings = sold_in_sandbox
    return shop


@pytest.fixture
def settings() -> Iterator[Callable[..., None]]:
    """Choose settings of the functions for one test, by their names in the environment."""
    with pytest.MonkeyPatch.context() as patch:

        def choose(**values: int) -> None:
            for name, value in values.items():
                assert name in os.environ
                patch.setenv(name, str(value))
            Settings.load.cache_clear()

        yield choose
    Settings.load.cache_clear()


@pytest.fixture
def slow_network(system: System, settings: Callable[..., None]) -> Iterator[Event]:
    """The simulated network takes as long as the test wants where it is asked to be slow: until the event is set."""
    settings(SLOW_NETWORK_SECONDS=0)
    answers = Event()

    def held_back(handler: Handler) -> Handler:
        def answer(event: Any, context: Any) -> Any:
            if "network_takes_5s" in json.dumps(event):
                answers.wait(MAX_SLOWNESS_SECONDS)
            return handler(event, context)

        return answer

    with system.functions.replaced(SIMULATED_NETWORK.module, held_back):
        yield answers
        answers.set()


@pytest.fixture
def impatience(settings: Callable[..., None]) -> None:
    """The network has a second to answer, and an order should be done at once."""
    settings(NETWORK_TIMEOUT_SECONDS=1, EXPECTED_WITHIN_SECONDS=0)


def pytest_collection_finish() -> None:
    """See that no import has chosen another environment: tests would find it or not, by where they run."""
    assert os.environ["PUBLIC_URL"] == PUBLIC_URL


TOGETHER = ("tests/console/", "tests/e2e/", "tests/infra/", "tests/races/")
"""Folders whose tests share what is slow to make: a server, a browser, a synthesized stack, a DynamoDB Local."""


class Folders(LoadScopeScheduling):  # type: ignore[misc] # xdist brings no types
    """Keeps the tests of these folders on one worker each, and spreads all others one by one.

    The marks by which xdist groups tests have no effect with this version of pytest.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Let one process more than there are cores run the tests: much of their time is waiting for somebody else."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Folders:
    """Let xdist use it, whatever ``--dist`` says."""
    return Folders(config, log)
