"""How executions are begun and asked for in Step Functions, each only once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.orders import executions
from functions.shared import aws
from infra.local.environment import STATE_MACHINE_ARN, UNDO_STATE_MACHINE_ARN
from tests.support.executions import refused

CONTENT = {"partner": "acme", "order_id": "ord_1"}
UNDO = CONTENT | {
    "failed_step": "provision",
    "error": {"Error": "Abandoned", "Cause": "The order's execution ended without a result."},
}


class StepFunctions:
    """Keeps what it is asked; names that it knows it does not start again."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.known: dict[str, str] = {}
        """The statuses of executions that were begun before."""
        self.error = "ExecutionAlreadyExists"

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803 - boto3's names
        self.asked.append((stateMachineArn, name, json.loads(input)))
        if name in self.known:
            raise refused(self.error, "StartExecution")

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        self.asked.append((executionArn, "", None))
        return {"status": self.known[executionArn.rpartition(":")[2]]}


@pytest.fixture
def aws_has(monkeypatch: pytest.MonkeyPatch) -> Iterator[StepFunctions]:
    clients = {"stepfunctions": StepFunctions()}
    monkeypatch.setattr(aws, "client", lambda service: clients[service])
    executions._client.cache_clear()
    yield clients["stepfunctions"]
    executions._client.cache_clear()


def execution(machine: str, name: str) -> tuple[str, str, None]:
    """The question for the status of an execution."""
    return f"{machine.replace('stateMachine', 'execution')}:{name}", "", None


def test_an_execution_has_the_name_of_its_order(aws_has: StepFunctions) -> None:
    assert executions.start("acme", "ord_1") is True
    assert aws_has.asked == [(STATE_MACHINE_ARN, "ord_1", CONTENT)]


def test_one_that_was_begun_before_is_not_begun_again(aws_has: StepFunctions) -> None:
    aws_has.known["ord_1"] = "SUCCEEDED"
    assert executions.start("acme", "ord_1") is False


def test_any_other_error_is_one(aws_has: StepFunctions) -> None:
    aws_has.known["ord_1"], aws_has.error = "", "ThrottlingException"
    with pytest.raises(ClientError, match="ThrottlingException"):
        executions.start("acme", "ord_1")


def test_its_status(aws_has: StepFunctions) -> None:
    aws_has.known["ord_1"] = "TIMED_OUT"
    assert executions.status_of("ord_1") == "TIMED_OUT"
    assert aws_has.asked == [execution(STATE_MACHINE_ARN, "ord_1")]


def test_the_first_undo(aws_has: StepFunctions) -> None:
    assert executions.start_undo("acme", "ord_1", 7) is False
    assert aws_has.asked == [(UNDO_STATE_MACHINE_ARN, "ord_1.undo", UNDO)]


def test_an_undo_that_runs_is_the_only_one(aws_has: StepFunctions) -> None:
    aws_has.known["ord_1.undo"] = "RUNNING"
    assert executions.start_undo("acme", "ord_1", 7) is False
    assert aws_has.asked == [
        (UNDO_STATE_MACHINE_ARN, "ord_1.undo", UNDO),
        execution(UNDO_STATE_MACHINE_ARN, "ord_1.undo"),
    ]


@pytest.mark.parametrize("known", [["ord_1.undo"], ["ord_1.undo", "ord_1.undo.7"]])
def test_an_undo_after_one_that_has_failed_has_a_name_of_its_own(aws_has: StepFunctions, known: list[str]) -> None:
    aws_has.known = dict.fromkeys(known, "FAILED")
    assert executions.start_undo("acme", "ord_1", 7) is True
    assert aws_has.asked[-1] == (UNDO_STATE_MACHINE_ARN, "ord_1.undo.7", UNDO)
