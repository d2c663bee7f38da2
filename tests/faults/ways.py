"""What a scenario is: what must be there for it, and what happens then."""

from collections.abc import Callable

from tests.faults.life import Life
from tests.lifecycle.keyed_requests import REQUESTS

Way = Callable[[Life], object]
Scenario = Callable[[Life], Way]
"""Makes what must be there, without a fault, and returns what happens then, with every fault."""


def requested(method: str, path: str) -> Scenario:
    """A request of the partner, and all that it brings about."""

    def prepare(life: Life) -> Way:
        sent = REQUESTS[method, path](life.line)
        life.rest()
        return lambda life: life.ask(sent.path, sent.body, method)

    return prepare
