"""What the console draws and explains, from where it is decided: no second copy of it can differ.

These are the statuses of orders with their transitions, how long one may be on hold, the state machine, and what to do
when an order fails.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from functions.orders.order import Order
from functions.shared.advice import FAILURES, REFUSALS

STATE_MACHINE = Path(__file__).parents[1] / "lifecycle.asl.json"


@cache
def definitions() -> dict[str, Any]:
    """Return all of them."""
    from functions.orders.progress import HELD_FOR  # noqa: PLC0415 - reads the environment, which is prepared by now

    advice = FAILURES | REFUSALS
    return {
        "statuses": {status: [*following] for status, following in Order.TRANSITIONS.items()},
        "held_days": HELD_FOR.days,
        "machine": machine(json.loads(STATE_MACHINE.read_text())),
        "advice": {code: {"meaning": each.meaning, "remedy": each.remedy} for code, each in advice.items()},
    }


def machine(definition: dict[str, Any]) -> dict[str, Any]:
    """Return the states that do something, in order: what follows each, and what follows its failure."""
    states = definition["States"]
    return {
        "start": definition["StartAt"],
        "states": {
            name: {"next": [*_next(states, state)], "catch": [*_catch(states, state)]}
            for name, state in states.items()
            if state["Type"] != "Pass"
        },
    }


def _next(states: dict[str, Any], state: dict[str, Any]) -> Iterator[str]:
    if "Next" in state:
        yield _working(states, state["Next"])


def _catch(states: dict[str, Any], state: dict[str, Any]) -> Iterator[str]:
    yield from (_working(states, catch["Next"]) for catch in state.get("Catch", ()))


def _working(states: dict[str, Any], name: str) -> str:
    """Return the first state from ``name`` on that is not only passed."""
    while states[name]["Type"] == "Pass":
        name = states[name]["Next"]
    return name
