"""A process in which functions run, as in Lambda; what they ask of other services goes back with their answer."""

import json
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple

from functions.events import publishing
from functions.orders import executions
from functions.shared import lists, search_keys
from functions.shared.observability import logger
from infra.local.enclosure import enclose
from infra.local.functions import Functions
from infra.local.patches import replaced

Item = dict[str, Any]
SECRET = b"secret"
"""Of cursors, and of what is searched for."""


class Asked(NamedTuple):
    """What a function asked of a service, and what about."""

    service: str
    content: Item


class Outcome(NamedTuple):
    """How a call of a function ended: with an answer, or with an error's type and text."""

    answer: Any
    error: tuple[str, str] | None
    asked: Sequence[Asked]


class Services:
    """Stands for Step Functions and EventBridge; notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def start_execution(self, *, input: str, **_: Any) -> None:  # noqa: A002 - boto3's name
        """Start an execution."""
        self.asked.append(Asked("execution", json.loads(input)))

    def put_events(self, *, Entries: Sequence[Item]) -> Item:  # noqa: N803 - boto3's name
        """Take events."""
        self.asked += [Asked("event", json.loads(entry["Detail"])) for entry in Entries]
        return {"Entries": [{} for _ in Entries]}


_services = Services()
_functions = Functions()
_patches = ExitStack()


def begin() -> None:
    """Prepare this process; its environment is that of the one which has started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever has started it ends it
    enclose()
    logger.setLevel("CRITICAL")
    for owner, name, value in (
        (executions, "_client", _services),
        (publishing, "_bus", _services),
        (lists, "_secret", SECRET),
        (search_keys, "_secret", SECRET),
    ):
        _patches.enter_context(replaced(owner, name, partial(_giving, value)))


def _giving(value: Any, _original: Any) -> Callable[[], Any]:
    return lambda: value


def invoke(module: str, event: Any) -> Outcome:
    """Call a function."""
    _services.asked = []
    try:
        return Outcome(_functions.invoke(module, event), None, _services.asked)
    except Exception as error:  # noqa: BLE001 - the caller judges it
        return Outcome(None, (type(error).__name__, str(error)), _services.asked)
