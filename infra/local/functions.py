"""The Lambda functions: the handlers of ``functions``, run in this process.

Events and answers pass through JSON as they do in AWS, so that nothing works here that could not travel there.
"""

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, cast

from functions.routes import function_name, module_of
from infra import bus
from infra.local.routes import LOCAL_ROUTES

Handler = Callable[[Any, Any], Any]

AUTHORIZER = "functions.identity.authorizer"
CHANGES = "functions.events.changes"
CLOCK = "functions.events.clock"
EXECUTION_TASK = "functions.orders.execution_task"
NOT_FOUND = "functions.not_found"
SENDER = "functions.webhooks.send"
RULES = tuple(value for value in vars(bus).values() if isinstance(value, bus.Rule))
"""Every rule of the bus."""
MODULES = frozenset(
    {AUTHORIZER, CHANGES, CLOCK, EXECUTION_TASK, NOT_FOUND, SENDER}
    | {rule.module for rule in RULES}
    | {module_of(route) for route in LOCAL_ROUTES}
)


class UnknownFunction(LookupError):
    """Nothing of that name is deployed."""


class Functions:
    """Every function by the name of its module, and how often each runs at this moment."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._modules = {function_name(module): module for module in MODULES}
        self._lock = Lock()
        self.running: Counter[str] = Counter()
        self.started = 0

    def module(self, name: str) -> str:
        """The module of a function name or of an ARN, with or without an alias."""
        short = name.split(":")[6] if name.startswith("arn:") else name
        if short not in self._modules:
            raise UnknownFunction(f"no function is named {short!r}")
        return self._modules[short]

    def handler(self, module: str) -> Handler:
        """The handler of a module, imported when it is first needed as in a cold start."""
        if module not in self._handlers:
            if module not in MODULES:
                raise UnknownFunction(f"{module!r} is not the module of a function")
            self._handlers[module] = cast("Handler", importlib.import_module(module).handler)
        return self._handlers[module]

    def invoke(self, module: str, event: Any) -> Any:
        """Run the function; whatever its handler raises comes out here."""
        with self._lock:
            self.running[module] += 1
            self.started += 1
        try:
            answer = self.handler(module)(json.loads(json.dumps(event)), None)
            return json.loads(json.dumps(answer))
        finally:
            with self._lock:
                self.running[module] -= 1

    @contextmanager
    def replaced(self, module: str, make: Callable[[Handler], Handler]) -> Iterator[None]:
        """Put what ``make`` returns for the present handler in its place, to inject what goes wrong."""
        original = self.handler(module)
        self._handlers[module] = make(original)
        try:
            yield
        finally:
            self._handlers[module] = original

    def install(self, module: str, handler: Handler) -> None:
        """Put a stand-in in the place of a function, whether or not its module exists."""
        if module not in MODULES:
            raise UnknownFunction(f"{module!r} is not the module of a function")
        self._handlers[module] = handler
