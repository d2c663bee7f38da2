"""Queues of failures and a bucket of a test's own, in place of those that all tests of a process share."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.shared import clock
from functions.shared.event import Event
from functions.shared.ids import new_id
from infra.local.environment import REGION, TABLE
from infra.local.system import System
from infra.operator.__main__ import main
from infra.operator.given_up import BUCKET, MODULES

WAYS: dict[str, Callable[[Any], Any]] = {
    "requestPayload": lambda event: {"requestPayload": event, "responsePayload": {"errorType": "Malformed"}},
    "payload": lambda event: {"payload": json.dumps(event)},
    "as it is": lambda event: event,
}
"""How an event lies in a queue or in the bucket."""


class FailuresOf:
    """What lies in the places of a test."""

    def __init__(self, system: System, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._sqs = system.aws.sqs
        self._s3: Any = boto3.client("s3", region_name=REGION)
        self.bucket = f"failed-changes-{name}"
        self._s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.urls = {source: self._queue(f"{source}-{name}") for source in MODULES if source != BUCKET}
        for source, url in self.urls.items():
            monkeypatch.setenv(f"{source.upper().replace('-', '_')}_FAILURES_URL", url)
        monkeypatch.setenv("FAILED_CHANGES", self.bucket)
        monkeypatch.setattr("infra.operator.redrive.WAIT_SECONDS", 0)

    def put(self, source: str, body: Any) -> str:
        """Let something be given up on; return its name."""
        text = body if isinstance(body, str) else json.dumps(body)
        if source == BUCKET:
            key = f"aws/lambda/{len(self.left(BUCKET))}"
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
            return key
        return self._sqs.send_message(QueueUrl=self.urls[source], MessageBody=text)["MessageId"]

    def left(self, source: str) -> list[str]:
        """What is still there; messages that were received and not let go do not show."""
        if source == BUCKET:
            return [found["Key"] for found in self._s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        answer = self._sqs.receive_message(QueueUrl=self.urls[source], MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]

    def _queue(self, name: str) -> str:
        return self._sqs.create_queue(QueueName=name)["QueueUrl"]


def an_event() -> Event:
    """A new one of a partner."""
    now, data = clock.now(), {"order": {"id": "ord_1"}}
    return Event(id=new_id("evt"), partner="acme", created_at=now, type="order.accepted", sequence=1, data=data, ttl=0)


def redrive(*arguments: str) -> int:
    """Run the command."""
    return main(["redrive", "--table", TABLE, *arguments])
