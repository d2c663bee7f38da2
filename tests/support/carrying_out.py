"""What the state machine does about an order: each step as often as its definition says, and undo after any error."""

import json
from collections.abc import Callable
from typing import Any, Protocol

from functions.orders.execution_task import Superseded
from functions.orders.kind import StepRefused
from infra.state_machines import lifecycle as lifecycle_machine

Item = dict[str, Any]
STEPS = lifecycle_machine()["States"]
TRIES = {step: STEPS[step.capitalize()]["Retry"][-1]["MaxAttempts"] + 1 for step in ("prepare", "complete", "undo")}
"""How often the state machine runs a step before it gives up."""


class Steps(Protocol):
    """Runs one step of an order until it is done or given up."""

    def __call__(self, step: str, /, **fields: Any) -> Item:
        """Return what the step's function answers."""


def carry_out(run: Steps) -> str:
    """Run the whole execution of an order that the network accepts; return its status at the end."""
    step = "prepare"
    try:
        run("prepare")
        step = "complete"
        return str(run("complete")["status"])
    except Exception as error:  # noqa: BLE001 - the state machine undoes after any error
        return str(run("undo", failed_step=step, error=caught(error))["status"])


def caught(error: Exception) -> Item:
    """Return an error of a step as the state machine tells it to undo."""
    cause = {"errorType": type(error).__name__, "errorMessage": str(error)}
    return {"Error": type(error).__name__, "Cause": json.dumps(cause)}


def again(attempt: Callable[[], Any], tries: int) -> Any:
    """Run something until it works, unless it says that it never will."""
    for remaining in reversed(range(tries)):
        try:
            return attempt()
        except (StepRefused, Superseded):
            raise
        except Exception:
            if not remaining:
                raise
    raise AssertionError
