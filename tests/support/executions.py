"""Step Functions, driven by hand: executions that stand still until a test runs their next step."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.local.environment import UNDO_STATE_MACHINE_ARN

NEXT = {"prepare": "provision", "provision": "complete", "complete": "SUCCEEDED", "undo": "SUCCEEDED"}
ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass
class Execution:
    """An execution of one of the state machines and the state it stands in; a test may end it otherwise."""

    name: str
    partner: str
    order_id: str
    state: str = "prepare"
    failed_step: str = ""
    error: dict[str, str] | None = None
    provisioned: dict[str, Any] | None = None
    asked: bool = False
    content: str = ""
    """What it was started with."""

    @property
    def only_undoes(self) -> bool:
        """Whether it is of the state machine that undoes."""
        return "failed_step" in json.loads(self.content)

    def event(self, step: str) -> dict[str, Any]:
        """What the function of a step is given."""
        event: dict[str, Any] = {"step": step, "partner": self.partner, "order_id": self.order_id}
        if step == "undo":
            event |= {"failed_step": self.failed_step, "error": self.error}
        elif step == "complete":
            event |= {"provisioned": self.provisioned}
        return event

    def passed(self) -> None:
        """The state's work is done."""
        self.state = NEXT[self.state]
        self.asked = self.asked or self.state == "provision"

    def failed(self, error: str, cause: str) -> None:
        """The state gave up."""
        if self.state == "undo":
            self.state = "FAILED"
        else:
            self.failed_step, self.error, self.state = self.state, {"Error": error, "Cause": cause}, "undo"

    @property
    def status(self) -> str:
        """As DescribeExecution tells it."""
        return self.state if self.state in ENDED else "RUNNING"


class Executions:
    """A client of Step Functions; an order's name is its execution's task token."""

    def __init__(self) -> None:
        self.by_name: dict[str, Execution] = {}
        self.described: list[str] = []
        """The names that were asked for."""

    def in_state(self, *states: str) -> list[Execution]:
        """Those that stand in one of the states, the oldest first."""
        return [execution for execution in self.by_name.values() if execution.state in states]

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803 - boto3's names
        """One name is one execution; while it runs, starting it with the same content does nothing."""
        state = "undo" if stateMachineArn == UNDO_STATE_MACHINE_ARN else "prepare"
        new = Execution(name, state=state, content=input, **json.loads(input))
        known = self.by_name.setdefault(name, new)
        if known is not new and not (known.status == "RUNNING" and known.content == input):
            raise refused("ExecutionAlreadyExists", "StartExecution")

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        """Its status."""
        self.described.append(executionArn.rpartition(":")[2])
        return {"status": self.by_name[self.described[-1]].status}

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        """The network did it."""
        execution = self._waiting(taskToken, "SendTaskSuccess")
        execution.provisioned = json.loads(output)
        execution.passed()

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803 - boto3's name
        """The network refused."""
        self._waiting(taskToken, "SendTaskFailure").failed(error, cause)

    def _waiting(self, token: str, operation: str) -> Execution:
        execution = self.by_name[token]
        if execution.state != "provision":
            raise refused("TaskTimedOut", operation)
        return execution


def refused(code: str, operation: str) -> ClientError:
    """The error of a call that Step Functions refuses."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
