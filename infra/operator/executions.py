"""What Step Functions knows of orders; an execution is named by its order."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from functions.orders.executions import ExecutionSettings, undo_name


class Execution(NamedTuple):
    """An execution as it is now; ``output`` is what it ended with, if it succeeded."""

    name: str
    partner: str
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
    def request(self) -> dict[str, Any]:
        """What the network was asked for."""
        asked: dict[str, Any] = self.output.get("prepared", {}).get("request", {})
        return asked


def find(order_id: str, version: int | None = None) -> list[Execution]:
    """Return the order's execution, and those that undo it: the first and the clock's last attempt; those that exist.

    The clock names an attempt by the version that the order had before it put off its next look at it.
    """
    settings = ExecutionSettings.load()
    undo = settings.undo_state_machine_arn
    wanted = [(settings.state_machine_arn, order_id), (undo, undo_name(order_id))]
    if version:
        wanted.append((undo, undo_name(order_id, version - 1)))
    return [found for machine, name in wanted if (found := _described(machine, name))]


def since(moment: datetime) -> Iterator[Execution]:
    """Yield the executions of orders that have started since a moment, the newest first."""
    machine = ExecutionSettings.load().state_machine_arn
    pages = boto3.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    for page in pages:
        for listed in page["executions"]:
            if listed["startDate"] < moment:
                return
            if found := _described(machine, listed["name"]):
                yield found


def _described(machine: str, name: str) -> Execution | None:
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    try:
        found = boto3.client("stepfunctions").describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
    return Execution(
        name=name,
        partner=json.loads(found["input"])["partner"],
        status=found["status"],
        started_at=found["startDate"],
        ended_at=found.get("stopDate"),
        error=found.get("error"),
        output=json.loads(found.get("output") or "{}"),
    )
