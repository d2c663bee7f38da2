"""What must hold at every moment, and costs little to look at."""

import json
import sys
from collections import Counter
from typing import Any

from functions.orders.order import Order
from functions.shared import documents
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from functions.shared.states import IllegalTransition
from tests.simulation.failure import Wrong, demand
from tests.simulation.scheduler import Message, Scheduler
from tests.simulation.table import Change
from tests.simulation.weather import CALM
from tests.support.description import check_event

MISTAKES = (AssertionError, AttributeError, IllegalTransition, LookupError, NameError, TypeError, ValueError)
"""Errors that no fault of a call explains."""
CHECKED = 60
"""One event in so many is held against the API's description."""
NEWER = '"new_member"'


class Watch:
    """Looks at each change, and at each error."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._calm = scheduler.weather == CALM
        self._sequences: Counter[str] = Counter()

    def see(self, change: Change) -> None:
        """Look at a change of the table."""
        kind = (change.new or change.old or {}).get("kind", {}).get("S")
        if kind == Event.KIND and change.new:
            self._see_event(change)
        elif kind == Order.KIND and change.new:
            self._see_order(change)
        if change.old and change.new and self._scheduler.weather.newer:
            _keeps_what_newer_code_knows(change.old, change.new)

    def fail(self, message: Message, error: BaseException) -> None:
        """Look at an error with which a function has ended."""
        if isinstance(error, MISTAKES):
            raise Wrong("no function ends with a mistake", f"{message.name}: {error!r}") from error
        demand(not self._calm, "nothing fails in calm weather", f"{message.name} {message.about}: {error!r}")

    def hear(self, message: str, *_: Any, exc_info: Any = None, **__: Any) -> None:
        """Look at an error that a function has written to its log."""
        error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1]
        if isinstance(error, MISTAKES):
            raise Wrong("no function logs a mistake", f"{message} {error!r}") from error

    def _see_event(self, change: Change) -> None:
        demand(change.old is None, "no event is written twice", change.key)
        event = whole(unmarshal(change.new or {}))
        data = next(iter(event["data"].values()))
        self._sequences[data["id"]] += 1
        held = event["sequence"] == self._sequences[data["id"]]
        demand(held, "the events of a resource have no gap", f"{event['type']} {event['sequence']} of {data['id']}")
        self._scheduler.tell(f"event {event['type']}", "event", event["type"], data["id"])
        if sum(self._sequences.values()) % CHECKED == 0:
            check_event(event)

    def _see_order(self, change: Change) -> None:
        old, new = ((image or {}).get("status", {}).get("S") for image in (change.old, change.new))
        if old != new:
            allowed = new in Order.TRANSITIONS[old] if old else new == "accepted"
            demand(allowed, "an order moves as the contract says", f"{change.key}: {old} to {new}")
            kind = unmarshal({"document": (change.new or {})["document"]})
            self._scheduler.happened[f"{kind_of_order(kind['document'])} {new}"] += 1


def _keeps_what_newer_code_knows(old: Any, new: Any) -> None:
    before, after = (_document(item) for item in (old, new))
    demand(NEWER not in before or NEWER in after, "what only newer code knows is kept", new.get("pk"))


def _document(item: Any) -> str:
    return documents.unpack(unmarshal({"document": item["document"]})["document"]) if "document" in item else ""


def kind_of_order(document: Any) -> str:
    """Return the type of an order from its document."""
    return str(json.loads(documents.unpack(document))["type"])
