"""What Step Functions knows of orders; an execution is named by its order."""

import json
from datetime import datetime
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from functions.orders.executions import ExecutionSettings


class Execution(NamedTuple):
    """An execution as it is now; ``output`` is what it ended with, if it succeeded."""

    name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    error: str | None
    output: dict[str, Any]

    @property
    def undone(self) -> bool:
        """Whether it has undone its order."""
        return "error" in self.output

    @property
    def sim(self) -> dict[str, Any]:
        """The SIM that the network was asked to use."""
        asked: dict[str, Any] = self.output.get("prepared", {}).get("request", {})
        return dict(asked.get("sim_profile", {}))


def find(order_id: str) -> list[Execution]:
    """Return the order's execution, and the one that has undone it; those that exist."""
    settings = ExecutionSettings.load()
    wanted = ((settings.state_machine_arn, order_id), (settings.undo_state_machine_arn, f"{order_id}.undo"))
    return [found for machine, name in wanted if (found := _described(machine, name))]


def _described(machine: str, name: str) -> Execution | None:
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    try:
        found = boto3.client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
    output = json.loads(found.get("output") or "{}")
    return Execution(name, found["status"], found["startDate"], found.get("stopDate"), found.get("error"), output or {})
