"""The system on one machine, for every test that needs it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from infra.local import environment

PUBLIC_URL = "http://127.0.0.1:8080"
environment.prepare(PUBLIC_URL)  # before any test module imports a function, which reads it

from infra.local import retries  # noqa: E402 - see above
from infra.local.patches import replaced  # noqa: E402 - see above
from infra.local.system import System  # noqa: E402 - see above
from tests.client import Client  # noqa: E402 - see above

RETRY_PACE = 1 / 500
"""All retries of a step take about half a second."""


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system, started and seeded once per test process; a test brings its own ids and leaves no mark on others."""
    with ExitStack() as stack:
        stack.enter_context(replaced(retries, "RETRY_PACE", lambda _pace: RETRY_PACE))
        system = System(PUBLIC_URL)
        stack.callback(system.stop)
        from infra.local.seed import seed  # noqa: PLC0415 - it imports functions that read the environment

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
