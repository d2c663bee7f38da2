"""The two state machines, made from one definition, for the stack and for the system on one machine."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from functions.network.interface import ORDERS, PROVISIONING_REQUESTED
from functions.network.requests import PROVISIONING

DEFINITION = Path(__file__).with_name("lifecycle.asl.json")
UNDO = "Undo"


def lifecycle() -> dict[str, Any]:
    """Return the state machine that carries out an order, and undoes it if that fails.

    The request to the network is added here, from functions/network/requests.py.
    """
    definition: dict[str, Any] = json.loads(DEFINITION.read_text())
    (entry,) = definition["States"]["Provision"]["Parameters"]["Entries"]
    detail = {f"{member}.$": f"$.prepared.request.{member}" for member in PROVISIONING}
    detail["reply_token.$"] = "$$.Task.Token"
    entry |= {"Source": ORDERS, "DetailType": PROVISIONING_REQUESTED, "Detail": detail}
    return definition


def undoing() -> dict[str, Any]:
    """Return the state machine that only undoes an order, for one whose execution ended without a result.

    It is the part of the same definition from undo on: AWS refuses definitions with unreachable states.
    """
    whole = lifecycle()
    states = {name: whole["States"][name] for name in _reached_from(UNDO, whole["States"])}
    return {"Comment": "Undo an order whose execution ended without a result.", "StartAt": UNDO, "States": states}


def _reached_from(start: str, states: Mapping[str, Any]) -> list[str]:
    reached: list[str] = []
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.append(name)
            ahead += _next_of(states[name])
    return reached


def _next_of(state: Any) -> Iterator[str]:
    """Yield the names of the states that can follow a state, also after an error."""
    inner = state.values() if isinstance(state, dict) else state if isinstance(state, list) else ()
    for value in inner:
        yield from _next_of(value)
    if isinstance(state, dict) and "Next" in state:
        yield str(state["Next"])
