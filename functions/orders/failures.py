"""Why an order failed, derived from the error that ended its execution (contract §2, ``failure``)."""

import json
from typing import Any

from functions.orders.order import Failure, Step

RETRIABLE = {"no_sim_available", "network_timeout", "internal_error"}
REJECTED = "NetworkRejected"
"""The error of the waiting task when the network refuses."""
MAX_DETAIL_LENGTH = 500


def failure_of(step: Step, error: dict[str, Any]) -> Failure:
    """Return the failure to show. ``error`` is what Step Functions caught: ``{"Error", "Cause"}``."""
    code, detail = _reason(step, error)
    return Failure(code=code, step=step, detail=detail[:MAX_DETAIL_LENGTH], retriable=code in RETRIABLE)


def was_asked(step: Step, error: dict[str, Any]) -> bool:
    """Return whether the network was asked and did not refuse, so that it may have done something for the order."""
    return step != "prepare" and error.get("Error") != REJECTED


def _reason(step: Step, error: dict[str, Any]) -> tuple[str, str]:
    match error.get("Error"):
        case "StepRefused":
            refusal = json.loads(json.loads(error["Cause"])["errorMessage"])
            return refusal["code"], refusal["detail"]
        case "NetworkRejected":
            return "network_rejected", f"The mobile network refused: {error.get('Cause') or 'no reason given'}."
        case "States.Timeout" if step == "provision":
            return "network_timeout", "The mobile network did not answer in time."
    return "internal_error", "Something failed on our side; everything the order had begun was undone."
