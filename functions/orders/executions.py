"""The executions in Step Functions: one per order, named after the order, so that a second start has no effect."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.shared import aws
from functions.shared.observability import logger
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

WITHOUT_RESULT = {"FAILED", "TIMED_OUT", "ABORTED"}
"""The statuses of an execution that ended without making its order final."""


class ExecutionSettings(Settings):
    """The state machine of ``infra/lifecycle.asl.json``, and the one that only undoes."""

    state_machine_arn: str
    undo_state_machine_arn: str


def start(partner: str, order_id: str) -> bool:
    """Start the order's execution; return ``False`` if it was started before."""
    content = {"partner": partner, "order_id": order_id}
    return _start(ExecutionSettings.load().state_machine_arn, order_id, content)


def status_of(order_id: str) -> str:
    """Return the status of the order's execution, as Step Functions names it."""
    return _status(ExecutionSettings.load().state_machine_arn, order_id)


def start_undo(partner: str, order_id: str, attempt: int) -> bool:
    """Start to undo an order whose execution ended without making it final; return whether that has failed before.

    If an execution of the same name has ended too, the name also has the ``attempt``: the version of the order.
    """
    machine = ExecutionSettings.load().undo_state_machine_arn
    error = {"Error": "Abandoned", "Cause": "The order's execution ended without a result."}
    content = {"partner": partner, "order_id": order_id, "failed_step": "provision", "error": error}
    name = undo_name(order_id)
    if _start(machine, name, content) or _status(machine, name) == "RUNNING":
        return False
    _start(machine, undo_name(order_id, attempt), content)
    return True


def undo_name(order_id: str, attempt: int | None = None) -> str:
    """Return the name of the execution that undoes an order, or of a further attempt."""
    return f"{order_id}.undo" + (f".{attempt}" if attempt else "")


def _start(machine: str, name: str, content: dict[str, Any]) -> bool:
    """Return whether it was started, or is running with the same input."""
    try:
        _client().start_execution(stateMachineArn=machine, name=name, input=json.dumps(content))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
        return False
    logger.info("An execution has begun.", extra={"execution": name})
    return True


def _status(machine: str, name: str) -> str:
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    return _client().describe_execution(executionArn=execution)["status"]


@cache
def _client() -> "SFNClient":
    client: SFNClient = aws.client("stepfunctions")
    return client
