"""Step Functions: each step is a message, and each request to the network has a token of its own."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from functions.network.interface import PROVISIONING_REQUESTED
from functions.orders import execution_task
from functions.orders.execution_task import Superseded
from functions.orders.kind import StepRefused
from infra.state_machines import lifecycle
from tests.simulation.scheduler import Message, Scheduler
from tests.support.executions import Execution, Executions, refused
from tests.support.store import Item

RETRY = lifecycle()["States"]["Prepare"]["Retry"][-1]
TRIES = RETRY["MaxAttempts"] + 1
PAUSE = timedelta(seconds=RETRY["IntervalSeconds"] / 2)
"""Before the second try: half of what it is at most, as it is jittered."""


class Failed(NamedTuple):
    """How a step has failed that is not tried again."""

    error: str
    cause: str = "{}"


class NotTaken(Exception):
    """The bus did not take the request to the network."""


class Machines(Executions):
    """All executions."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self.bus: Any = None
        """What takes the requests to the network."""
        self._scheduler = scheduler
        self._prepared: dict[str, Item] = {}
        self._asked: dict[str, int] = {}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803 - boto3's names
        """Start one, whose first step comes soon."""
        known = name in self.by_name
        super().start_execution(stateMachineArn=stateMachineArn, name=name, input=input)
        if not known:
            self._go_on(self.by_name[name])

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        """The network did it."""
        super().send_task_success(taskToken=taskToken, output=output)
        self._go_on(self._named(taskToken))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803 - boto3's name
        """The network refused."""
        super().send_task_failure(taskToken=taskToken, error=error, cause=cause)
        self._go_on(self._named(taskToken))

    def _waiting(self, token: str, operation: str) -> Execution:
        """Only the newest token is good."""
        execution = self._named(token)
        if execution.state != "provision" or token != self._token(execution):
            raise refused("TaskTimedOut", operation)
        return execution

    def _named(self, token: str) -> Execution:
        return self.by_name[token.partition(" ")[0]]

    def _token(self, execution: Execution) -> str:
        return f"{execution.name} {self._asked[execution.name]}"

    def _go_on(self, execution: Execution) -> None:
        """Let the work of the state come in which it stands."""
        if execution.state == "provision":
            self._send(execution, "ask", lambda: self._ask(execution), lambda _: self._time_out(execution))
        elif execution.status == "RUNNING":
            step = execution.state
            self._send(execution, step, lambda: _run(execution, step), lambda outcome: self._hear(execution, outcome))

    def _send(self, execution: Execution, name: str, work: Callable[[], Any], heard: Callable[[Any], object]) -> None:
        message = Message(name, work, heard, tries=TRIES, pause=PAUSE, about=execution.order_id)
        message.gave_up = lambda error: self._hear(execution, Failed(type(error).__name__))
        self._scheduler.send(message)

    def _hear(self, execution: Execution, outcome: Item | Failed) -> None:
        if isinstance(outcome, Failed):
            execution.failed(*outcome)
        else:
            self._prepared.setdefault(execution.name, outcome)
            execution.passed()
        self._go_on(execution)

    def _ask(self, execution: Execution) -> None:
        self._asked[execution.name] = self._asked.get(execution.name, 0) + 1
        detail = self._prepared[execution.name]["request"] | {"reply_token": self._token(execution)}
        entry = {"DetailType": PROVISIONING_REQUESTED, "Detail": json.dumps(detail)}
        if self.bus.put_events(Entries=[entry])["FailedEntryCount"]:
            raise NotTaken

    def _time_out(self, execution: Execution) -> None:
        """Let the network have so much time."""
        token = self._token(execution)

        def end() -> None:
            if execution.state == "provision" and token == self._token(execution):
                self._hear(execution, Failed("States.Timeout"))

        allowed = timedelta(seconds=self._prepared[execution.name]["timeout_seconds"])
        self._scheduler.at(self._scheduler.now + allowed, "timeout", end)


def _run(execution: Execution, step: str) -> Item | Failed:
    """Call the function of a step, as the execution does."""
    try:
        return execution_task.handler(execution.event(step), None)
    except Superseded:
        return Failed("Superseded")
    except StepRefused as refusal:
        return Failed("StepRefused", json.dumps({"errorType": "StepRefused", "errorMessage": str(refusal)}))
