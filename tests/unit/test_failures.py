"""Why an order failed, and whether the network has to undo anything (contract §2, Failure)."""

import json
from typing import Any

import pytest

from functions.orders.failures import failure_of, was_asked
from functions.orders.order import Failure, Step

OURS = "Something failed on our side; everything the order had begun was undone."
SILENT = "The mobile network did not answer in time."


def refused(code: str, detail: str) -> dict[str, Any]:
    """What Step Functions catches when the function refuses a step."""
    cause = {"errorType": "StepRefused", "errorMessage": json.dumps({"code": code, "detail": detail})}
    return {"Error": "StepRefused", "Cause": json.dumps(cause)}


@pytest.mark.parametrize(
    ("step", "error", "code", "detail", "retriable"),
    [
        ("prepare", refused("no_sim_available", "None."), "no_sim_available", "None.", True),
        ("prepare", refused("reservation_not_usable", "Gone."), "reservation_not_usable", "Gone.", False),
        ("complete", refused("subscription_not_active", "Ended."), "subscription_not_active", "Ended.", False),
        ("complete", refused("no_active_plan", "None."), "no_active_plan", "None.", False),
        (
            *("provision", {"Error": "NetworkRejected", "Cause": "blocked"}, "network_rejected"),
            *("The mobile network refused: blocked.", False),
        ),
        (
            *("provision", {"Error": "NetworkRejected", "Cause": ""}, "network_rejected"),
            *("The mobile network refused: no reason given.", False),
        ),
        (
            *("provision", {"Error": "NetworkRejected"}, "network_rejected"),
            *("The mobile network refused: no reason given.", False),
        ),
        ("provision", {"Error": "States.Timeout", "Cause": ""}, "network_timeout", SILENT, True),
        ("prepare", {"Error": "States.Timeout"}, "internal_error", OURS, True),
        ("complete", {"Error": "States.Timeout"}, "internal_error", OURS, True),
        ("complete", {"Error": "KeyError", "Cause": "secret"}, "internal_error", OURS, True),
        ("provision", {}, "internal_error", OURS, True),
    ],
)
def test_what_is_said_of_an_error(step: Step, error: dict[str, Any], code: str, detail: str, retriable: bool) -> None:
    assert failure_of(step, error) == Failure(code=code, step=step, detail=detail, retriable=retriable)


def test_a_long_reason_is_cut_off() -> None:
    said = "The mobile network refused: " + "x" * 472
    assert failure_of("provision", {"Error": "NetworkRejected", "Cause": "x" * 1000}).detail == said
    assert len(said) == 500


@pytest.mark.parametrize(
    ("step", "error", "asked"),
    [
        ("prepare", "ConnectionError", False),
        ("prepare", "NetworkRejected", False),
        ("provision", "NetworkRejected", False),
        ("provision", "States.Timeout", True),
        ("complete", "KeyError", True),
        ("complete", None, True),
    ],
)
def test_the_network_may_have_done_something_unless_it_was_not_asked_or_refused(
    step: Step, error: str | None, asked: bool
) -> None:
    assert was_asked(step, {} if error is None else {"Error": error}) is asked
