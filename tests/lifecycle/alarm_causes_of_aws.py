"""The causes of the alarms on what AWS measures. Each makes one happen and returns what AWS would count of it.

The counting itself is AWS's. What the cause held up goes on once it is gone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from functions.shared import aws, clock
from infra.local import environment
from infra.local.functions import CHANGES, Functions
from infra.local.stream import MAX_RECORD_AGE, Stream, lane_of
from infra.monitoring import KILLS
from infra.signals import KILLED
from tests.support.endpoints import Endpoints
from tests.support.lambdas_lines import ENDED_BY_LAMBDA
from tests.support.log import recorded
from tests.support.store import Item
from tests.support.timeline import Timeline

Cause = Callable[[Timeline, pytest.MonkeyPatch], list[float]]


class Counted(NamedTuple):
    """A metric of AWS that a signal's alarm watches."""

    signal: str
    namespace: str
    name: str


def throttled(operation: str) -> ClientError:
    """What a service answers that is busy."""
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, operation)


class Busy:
    """Refuses every second call of a kind, until there were ten: as AWS answers, so that botocore tries again."""

    def __init__(self) -> None:
        self.refused: list[float] = []
        self._calls = 0

    def answer(self, request: AWSPreparedRequest, **_: Any) -> Any:
        """Botocore's hook, before a call is sent."""
        self._calls += 1
        if self._calls % 2 == 0 or len(self.refused) == 10:
            return None
        self.refused.append(1)
        return AWSResponse(request.url, 400, HTTPHeaders(), RawBody(b'{"__type": "com.amazonaws#ThrottlingException"}'))


class RawBody(BytesIO):
    """What has come over the wire."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield it at once."""
        yield self.read()


def calls_that_the_table_refuses(name: str, operation: str, ask: Callable[[Timeline], object]) -> Cause:
    """Ten calls of a client, which all succeed in the end."""

    def happen(line: Timeline, patch: pytest.MonkeyPatch) -> list[float]:
        client, busy = boto3.client("dynamodb", region_name=environment.REGION, config=aws.CLIENT), Busy()
        client.meta.events.register_first(f"before-send.dynamodb.{operation}", busy.answer)
        patch.setattr(line.world.store, name, getattr(client, name))
        patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))
        for _ in range(20):
            ask(line)
            if len(busy.refused) == 10:
                break
        return busy.refused

    return happen


def order(line: Timeline) -> None:
    """Place an order, which is carried out all the same."""
    found = line.order(line.place(line.activation(plan="30 days")))
    assert found.status == "completed" or found.failure


def executions_that_cannot_begin(line: Timeline, patch: pytest.MonkeyPatch) -> list[float]:
    real, refused = line.world.executions.start_execution, list[float]()

    def busy(**asked: Any) -> None:
        if not refused:
            refused.append(1)
            raise throttled("StartExecution")
        real(**asked)

    patch.setattr(line.world.executions, "start_execution", busy)
    order(line)
    return refused


def events_that_the_bus_refuses(line: Timeline, _patch: pytest.MonkeyPatch) -> list[float]:
    line.halted = True
    line.world.post("/orders", line.activation())
    line.world.deliver(0, 100, refuse=1)
    waiting = len(line.world.undelivered)
    line.rest()
    assert waiting
    assert not line.world.undelivered
    return [1]


def a_stream_that_waits_for_the_bus(line: Timeline, patch: pytest.MonkeyPatch) -> list[float]:
    """The age of the oldest change when its function was given it last, in milliseconds."""
    line.halted = True
    line.world.post("/orders", line.activation())
    line.world.deliver(0, 100, refuse=1)
    written = line.world.undelivered[0]["dynamodb"]["ApproximateCreationDateTime"]
    later = datetime.fromtimestamp(written, UTC) + timedelta(minutes=5)
    patch.setattr(clock, "machine_time", lambda: later)
    line.world.deliver(0, 100, refuse=1)
    assert line.world.undelivered[0]["dynamodb"]["ApproximateCreationDateTime"] == written
    line.rest()
    assert not line.world.undelivered
    return [(later.timestamp() - written) * 1000]


def a_change_that_is_too_old(_line: Timeline, _patch: pytest.MonkeyPatch) -> list[float]:
    """The function was down for twenty hours."""
    functions, given, given_up = Functions(), list[Item](), list[float]()
    written = clock.machine_time() - MAX_RECORD_AGE - timedelta(seconds=1)
    keys = {"pk": {"S": "acme#evt_1"}, "sk": {"S": "event"}}
    record = {"dynamodb": {"Keys": keys, "ApproximateCreationDateTime": written.timestamp(), "SequenceNumber": "1"}}
    with functions.replaced(CHANGES, lambda _handler: lambda event, _context: given.append(event)):
        stream = Stream(functions)
        stream.hand_over(record, lambda: given_up.append(1))
        stream.lanes[lane_of(record)].work()
    assert given == []
    return given_up


def a_message_that_nobody_takes(line: Timeline, patch: pytest.MonkeyPatch) -> list[float]:
    """The age of the oldest message of an order's events, an hour after the sender was switched off."""
    sqs = boto3.client("sqs", region_name=environment.REGION)
    url = sqs.create_queue(QueueName="nobody-takes-these")["QueueUrl"]
    patch.setattr(line.world, "send_message_batch", lambda **sent: sqs.send_message_batch(**sent | {"QueueUrl": url}))
    Endpoints(line.world).make()
    line.place(line.activation())
    later = clock.machine_time() + timedelta(hours=1)
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["SentTimestamp"])
    ages = [later.timestamp() - int(each["Attributes"]["SentTimestamp"]) / 1000 for each in found["Messages"]]
    assert len(ages) > 1
    return [max(ages)]


def a_function_that_is_ended(line: Timeline, _patch: pytest.MonkeyPatch) -> list[float]:
    """The lines that the metric filter counts, of all that its functions write about an order, and Lambda of one."""
    with recorded(here=True) as log:
        line.place(line.activation())
    written = [json.dumps(each) for each in log.lines]
    assert len(written) > 5
    return [1 for each in (*written, ENDED_BY_LAMBDA[0]) if any(term in each for term in KILLED)]


TABLE = Counted("table-throttled", "AWS/DynamoDB", "")
CAUSES: Mapping[Counted, Cause] = {
    TABLE._replace(name="WriteThrottleEvents"): calls_that_the_table_refuses(
        "transact_write_items", "TransactWriteItems", order
    ),
    TABLE._replace(name="ReadThrottleEvents"): calls_that_the_table_refuses(
        "query", "Query", lambda line: line.world.get("/orders?status=completed")
    ),
    Counted("executions-throttled", "AWS/States", "ExecutionThrottled"): executions_that_cannot_begin,
    Counted("executions-throttled", "AWS/States", "ThrottledEvents"): executions_that_cannot_begin,
    Counted("bus-throttled", "AWS/Events", "PutEventsApproximateThrottledCount"): events_that_the_bus_refuses,
    Counted("stream-late", "AWS/Lambda", "IteratorAge"): a_stream_that_waits_for_the_bus,
    Counted("events-dropped", "AWS/Lambda", "OnFailureDestinationDeliveredEventCount"): a_change_that_is_too_old,
    Counted("events-dropped", "AWS/Lambda", "DroppedEventCount"): a_change_that_is_too_old,
    Counted("webhooks-late", "AWS/SQS", "ApproximateAgeOfOldestMessage"): a_message_that_nobody_takes,
    Counted("functions-killed", "", KILLS): a_function_that_is_ended,
}
"""What is counted → what brings it about on a time line."""
