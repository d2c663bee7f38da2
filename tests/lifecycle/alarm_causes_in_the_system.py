"""Causes of alarms on what AWS measures that need the whole system: its gateway, its queues, its state machines."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

import boto3

from infra.bus import NETWORK_ANSWERS, NETWORK_REPORTS, SIMULATED_NETWORK, Rule
from infra.local import environment
from infra.local.functions import CHANGES, EXECUTION_TASK, Handler
from infra.local.system import System
from tests.lifecycle import alarm_causes_of_aws
from tests.lifecycle.alarm_causes_of_aws import Counted
from tests.support import evidence
from tests.support.shop import Shop

Cause = Callable[[System, Shop], list[float]]
UNREADABLE = {
    "eventName": "INSERT",
    "dynamodb": {
        "Keys": {"pk": {"S": "acme#evt_1"}, "sk": {"S": "event"}},
        "NewImage": {"n": {"N": "1"}},
        "SequenceNumber": "1",
        "ApproximateCreationDateTime": 0,
    },
}
HANGS_SECONDS = 1.5
WAIT_SECONDS = 25.0


class TooManyRequestsException(Exception):
    """What Lambda answers while no function can be run."""


def a_door_that_crashes(system: System, shop: Shop) -> list[float]:
    def crash(_handler: Handler) -> Handler:
        return lambda _event, _context: 1 / 0

    with system.functions.replaced("functions.catalog.read", crash):
        failed = shop.client.get("/product-catalogs").status
    assert shop.client.get("/product-catalogs/none").status == 404
    return [1.0] * (failed >= 500)


def functions_that_cannot_run(system: System, shop: Shop) -> list[float]:
    refused: list[float] = []

    def busy(handler: Handler) -> Handler:
        def run(event: Any, context: Any) -> Any:
            if not refused:
                refused.append(1)
                raise TooManyRequestsException
            return handler(event, context)

        return run

    with system.functions.replaced(EXECUTION_TASK, busy):
        shop.complete(shop.activation())
    return refused


def a_message_that_cannot_be_read(rule: Rule) -> Cause:
    """An event of the network, or to it, which a function fails on as often as it is given it."""

    def happen(system: System, _shop: Shop) -> list[float]:
        entry: Any = {"EventBusName": environment.NETWORK_BUS, "Source": rule.source}
        entry |= {"DetailType": rule.detail_types[0], "Detail": "{}"}
        with more_in(system, system.aws.failures_url(rule)) as waiting:
            system.aws.events.put_events(Entries=[entry])
            system.quiesce()
        return waiting

    return happen


def a_change_that_cannot_be_read(system: System, _shop: Shop) -> list[float]:
    url = system.aws.sqs.get_queue_url(QueueName=environment.STREAM_FAILURES)["QueueUrl"]
    with more_in(system, url) as waiting:
        assert system.functions.invoke(CHANGES, {"Records": [UNREADABLE]}) == {"batchItemFailures": []}
    return waiting


def a_delivery_that_cannot_be_read(system: System, _shop: Shop) -> list[float]:
    """It may be received again at once here, and so is given up on without a wait."""
    url = system.aws.sqs.get_queue_url(QueueName=environment.DELIVERIES_FAILURES)["QueueUrl"]
    with more_in(system, url) as waiting, received_again_at_once(system):
        system.aws.sqs.send_message(QueueUrl=environment.DELIVERIES_URL, MessageBody="{}")
        system.quiesce()
    return waiting


@contextmanager
def received_again_at_once(system: System) -> Iterator[None]:
    """What the sender does not take."""
    queue: Any = {"QueueUrl": environment.DELIVERIES_URL}
    before = system.aws.sqs.get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    system.aws.sqs.set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "0"})
    yield
    system.aws.sqs.set_queue_attributes(**queue, Attributes=before)


@contextmanager
def more_in(system: System, url: str) -> Iterator[list[float]]:
    """How many messages more there are then in a queue, and have not been received."""

    def depth() -> int:
        answer = system.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    before, more = depth(), list[float]()
    yield more
    more.append(float(depth() - before))


def an_execution_that_is_stopped(system: System, shop: Shop) -> list[float]:
    """While its first step runs; the clock then undoes the order."""
    machine, begun, stopped = environment.STATE_MACHINE_ARN, Event(), Event()

    def hold(handler: Handler) -> Handler:
        def run(event: Any, context: Any) -> Any:
            begun.set()
            assert stopped.wait(WAIT_SECONDS)
            return handler(event, context)

        return run

    with system.functions.replaced(EXECUTION_TASK, hold):
        order = shop.place(shop.activation())
        assert begun.wait(WAIT_SECONDS)
        states().stop_execution(executionArn=execution(machine, order["id"]))
        stopped.set()
        ended = wait_for(machine, order["id"])
    evidence.make_due(system, order)
    assert shop.final(order)["status"] == "failed"
    return [1.0] * (ended == "ABORTED")


def an_execution_that_takes_too_long(system: System, _shop: Shop) -> list[float]:
    """Its definition has no time-out of its own, so it gets one here."""
    described = states().describe_state_machine(stateMachineArn=environment.STATE_MACHINE_ARN)
    brief = json.dumps(json.loads(described["definition"]) | {"TimeoutSeconds": 1})
    arn = states().create_state_machine(name="brief", definition=brief, roleArn=described["roleArn"])["stateMachineArn"]

    def hang(_handler: Handler) -> Handler:
        return lambda _event, _context: time.sleep(HANGS_SECONDS)

    with system.functions.replaced(EXECUTION_TASK, hang):
        states().start_execution(stateMachineArn=arn, name="late", input=json.dumps({"partner": "", "order_id": ""}))
        ended = wait_for(arn, "late")
    states().delete_state_machine(stateMachineArn=arn)
    return [1.0] * (ended == "TIMED_OUT")


def an_undoing_that_fails(_system: System, _shop: Shop) -> list[float]:
    """For minutes, as there is no such order."""
    arn, name = environment.UNDO_STATE_MACHINE_ARN, "ord_none.undo"
    error = {"Error": "States.Runtime", "Cause": ""}
    content = {"partner": "acme", "order_id": "ord_none", "failed_step": "complete", "error": error}
    states().start_execution(stateMachineArn=arn, name=name, input=json.dumps(content))
    return [1.0] * (wait_for(arn, name) == "FAILED")


def states() -> Any:
    return boto3.client("stepfunctions", region_name=environment.REGION)


def execution(machine: str, name: str) -> str:
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"


def status(machine: str, name: str) -> str:
    return str(states().describe_execution(executionArn=execution(machine, name))["status"])


def wait_for(machine: str, name: str) -> str:
    """How an execution has ended; ``RUNNING`` if it takes too long."""
    end = time.monotonic() + WAIT_SECONDS
    while (now := status(machine, name)) == "RUNNING" and time.monotonic() < end:
        time.sleep(0.02)
    return now


CAUSES: Mapping[Counted, list[Cause]] = {
    Counted("api-failing", "AWS/ApiGateway", "5XXError"): [a_door_that_crashes],
    Counted("functions-throttled", "AWS/Lambda", "Throttles"): [functions_that_cannot_run],
    Counted("failures-waiting", "AWS/SQS", "ApproximateNumberOfMessagesVisible"): [
        *map(a_message_that_cannot_be_read, (NETWORK_REPORTS, NETWORK_ANSWERS, SIMULATED_NETWORK)),
        a_change_that_cannot_be_read,
        a_delivery_that_cannot_be_read,
    ],
    Counted("executions-cut-off", "AWS/States", "ExecutionsAborted"): [an_execution_that_is_stopped],
    Counted("executions-cut-off", "AWS/States", "ExecutionsTimedOut"): [an_execution_that_takes_too_long],
    Counted("needs-repair", "AWS/States", "ExecutionsFailed"): [an_undoing_that_fails],
}
"""What is counted → what brings it about in the system."""
OF_AWS = {*alarm_causes_of_aws.CAUSES, *CAUSES}
