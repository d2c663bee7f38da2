"""The order's execution in Step Functions: one per order, named by it, so starting it twice starts it once."""

import json
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from functions.shared import aws
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class ExecutionSettings(Settings):
    """The state machine of ``infra/lifecycle.asl.json``."""

    state_machine_arn: str


def start(partner: str, order_id: str) -> bool:
    """Start the order's execution; whether it runs now. It does not if it has run to its end before."""
    return _start(order_id, {"partner": partner, "order_id": order_id, "begin": "prepare"})


def start_undo(partner: str, order_id: str, attempt: int) -> None:
    """Start to undo an order whose execution ended without making it final.

    It runs under the name ``<id>.undo``; if that has ended too, under a name with the ``attempt``, new for each.
    """
    content = {"partner": partner, "order_id": order_id, "begin": "undo"}
    if not _start(f"{order_id}.undo", content):
        _start(f"{order_id}.undo.{attempt}", content)


def _start(name: str, content: dict[str, str]) -> bool:
    machine = ExecutionSettings.load().state_machine_arn
    try:
        _client().start_execution(stateMachineArn=machine, name=name, input=json.dumps(content))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        return _client().describe_execution(executionArn=execution)["status"] == "RUNNING"
    return True


@cache
def _client() -> "SFNClient":
    return boto3.client("stepfunctions", config=aws.CLIENT)
