"""Records of the stream, and what lies outside of its function."""

import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import (
    ClientError,
)

from functions.events import changes, set_aside
from functions.shared.documents import unpack
from functions.shared.event import Event
from functions.shared.marshal import marshal, unmarshal
from functions.webhooks import queue
from tests.support.builders import NOW


def failed(code: str, status: int = 400, operation: str = "StartExecution") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


class Outside:
    """The bus, the queue, and what becomes of orders; each fails as the test says."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        """The events of each request to the bus."""
        self.published: list[str] = []
        self.moved: list[str] = []
        self.set_aside: list[Any] = []
        self.refused: dict[str, str] = {}
        """Event → the code with which the bus refuses it, as long as it stands here."""
        self.failures: dict[str, Exception] = {}
        """Order, event whose request the bus refuses whole, partner, ``queue`` or ``webhooks`` → what is raised."""
        self.webhooks: list[Any] = []
        """Those of every partner."""
        self.made: list[Any] = []
        """The deliveries that were made."""
        self.queued: list[str] = []
        """What the messages in the queue of webhooks are about."""

    def put_events(self, *, Entries: list[Any]) -> Any:  # noqa: N803 - boto3's name
        ids = [json.loads(entry["Detail"])["id"] for entry in Entries]
        self.calls.append(ids)
        for name in ids:
            self._fail(name)
        self.published += [name for name in ids if name not in self.refused]
        return {"Entries": [self._answer(name) for name in ids]}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - boto3's names
        assert QueueUrl == set_aside.SetAsideSettings.load().stream_failures_url
        self._fail("queue")
        self.set_aside.append(json.loads(MessageBody))

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803 - boto3's names
        assert QueueUrl == queue.url()
        self._fail("webhooks")
        self.queued += [queue.read(entry["MessageBody"]).about for entry in Entries]
        return {}

    def all_webhooks(self, partner: str) -> list[Any]:
        self._fail(partner)
        return self.webhooks

    def move(self, _partner: str, order_id: str) -> None:
        self._fail(order_id)
        self.moved.append(order_id)

    def _answer(self, name: str) -> dict[str, str]:
        return {"ErrorCode": self.refused[name], "ErrorMessage": "why not"} if name in self.refused else {}

    def _fail(self, name: str) -> None:
        if name in self.failures:
            raise self.failures[name]


def record(item: dict[str, Any], age: timedelta = timedelta(0)) -> dict[str, Any]:
    sort_key = item.get("sk", item["kind"])
    name = sort_key if item["kind"] == Event.KIND else item["pk"].removeprefix("acme#")
    change = {
        "Keys": marshal({"pk": item["pk"], "sk": sort_key}),
        "NewImage": marshal(item),
        "SequenceNumber": f"number of {name}",
        "ApproximateCreationDateTime": (NOW - age).timestamp(),
    }
    return {"eventName": "INSERT", "dynamodb": change}


def event(name: str, age: timedelta = timedelta(0), **data: Any) -> dict[str, Any]:
    made = Event(id=name, partner="acme", created_at=NOW, type="product.active", sequence=1, ttl=1, data=data)
    return record(made.item(), age)


def order(name: str, status: str = "accepted", age: timedelta = timedelta(0)) -> dict[str, Any]:
    return record({"pk": f"acme#{name}", "kind": "order", "status": status}, age)


def spoilt(name: str = "evt_spoilt") -> dict[str, Any]:
    made = event(name)
    edit(made["dynamodb"], sequence=1.5)
    return made


def edit(change: dict[str, Any], **members: Any) -> None:
    """Change the document of a record; without a value, a member is removed from it."""
    document = json.loads(unpack(unmarshal(change["NewImage"])["document"])) | members
    text = json.dumps({name: value for name, value in document.items() if value is not None})
    change["NewImage"]["document"] = {"S": text}


def hand_over(*records: dict[str, Any]) -> str | None:
    """Invoke the function once; the id of what the first record is of that is to come again."""
    failures = changes.handler({"Records": list(records)}, None)["batchItemFailures"]
    if not failures:
        return None
    (failure,) = failures
    return str(failure["itemIdentifier"]).removeprefix("number of ")
