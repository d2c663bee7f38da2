"""The Lambda functions: the handlers of ``functions``, run in this process.

Events and answers pass through JSON as they do in AWS, so that nothing works here that could not travel there.
"""

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple, cast
from uuid import uuid4

from functions.routes import function_name, module_of
from infra import bus
from infra.gateway_body import AUTHORIZER, NOT_FOUND
from infra.local.routes import LOCAL_ROUTES, SANDBOX_ROUTES
from infra.local.work import Work

Handler = Callable[[Any, Any], Any]

CHANGES = "functions.events.changes"
CLOCK = "functions.events.clock"
EXECUTION_TASK = "functions.orders.execution_task"
SENDER = "functions.webhooks.send"
RULES = tuple(value for value in vars(bus).values() if isinstance(value, bus.Rule))
"""Every rule of the bus."""
MODULES = frozenset(
    {AUTHORIZER, CHANGES, CLOCK, EXECUTION_TASK, NOT_FOUND, SENDER}
    | {rule.module for rule in RULES}
    | {module_of(route) for route in LOCAL_ROUTES}
)


WAITING = frozenset({module_of(SANDBOX_ROUTES[0]), SENDER})
"""The sandbox's own function, which waits for the others, and the sender, for which it has an eye of its own."""


class Context(NamedTuple):
    """What the functions use of the context that Lambda hands over."""

    function_name: str
    aws_request_id: str


class UnknownFunction(LookupError):
    """No function has this name."""


def _check(module: str) -> None:
    if module not in MODULES:
        raise UnknownFunction(f"{module!r} is not the module of a function")


class Functions:
    """The functions by the names of their modules, with the number of running invocations of each."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._modules = {function_name(module): module for module in MODULES}
        self._lock = Lock()
        self.running: Counter[str] = Counter()
        self.work = Work()

    def module(self, name: str) -> str:
        """Return the module of a function's name or ARN, with or without an alias."""
        short = name.split(":")[6] if name.startswith("arn:") else name
        if short not in self._modules:
            raise UnknownFunction(f"no function is named {short!r}")
        return self._modules[short]

    def handler(self, module: str) -> Handler:
        """Return the handler of a module, which is imported at its first use, as in a cold start."""
        if module not in self._handlers:
            _check(module)
            self._handlers[module] = cast("Handler", importlib.import_module(module).handler)
        return self._handlers[module]

    def invoke(self, module: str, event: Any) -> Any:
        """Run the function; return its result, or raise what its handler raises."""
        end = self.work.begin(module) if module not in WAITING else None
        with self._lock:
            self.running[module] += 1
        try:
            context = Context(function_name(module), str(uuid4()))
            answer = self.handler(module)(json.loads(json.dumps(event)), context)
            return json.loads(json.dumps(answer))
        finally:
            with self._lock:
                self.running[module] -= 1
            if end:
                end()

    @contextmanager
    def replaced(self, module: str, make: Callable[[Handler], Handler]) -> Iterator[None]:
        """Replace the handler by what ``make`` returns for it, to inject faults."""
        original = self.handler(module)
        self._handlers[module] = make(original)
        try:
            yield
        finally:
            self._handlers[module] = original

    def install(self, module: str, handler: Handler) -> None:
        """Install a handler under a module's name, whether or not the module exists."""
        _check(module)
        self._handlers[module] = handler
