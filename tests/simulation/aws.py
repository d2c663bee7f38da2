"""What lies between the functions: the table's stream, the bus and the queues; each hands over what it has taken."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from functions.events import changes
from functions.events.stream_filter import WANTED
from functions.network.interface import DEPROVISIONING_REQUESTED, PROVISIONING_REQUESTED
from functions.webhooks import send
from infra.local.stream import BATCH, as_json, lane_of
from infra.local.stream_filter import wanted
from tests.simulation.network import Network
from tests.simulation.scheduler import LATENCY, Message, Scheduler
from tests.simulation.table import Change
from tests.support.store import Item

RETRY = timedelta(seconds=30)
"""After which a batch comes again that was not taken as a whole."""

IMAGES = [pattern["dynamodb"]["NewImage"] for pattern in WANTED]
HEARD_OF = {kind for image in IMAGES for kind in image["kind"]["S"]}
"""The kinds of records of which the function hears; all others need no closer look."""


class Stream:
    """Hands over changes in lanes: those of one item in their order, the lanes in any."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.lanes: dict[int, list[Item]] = {}
        self._numbers = 0

    def add(self, change: Change) -> None:
        """Take a change, if the function acts on it."""
        if change.new is None or change.new.get("kind", {}).get("S") not in HEARD_OF:
            return
        self._numbers += 1
        record = _record(change, self._numbers)
        if not wanted(record):
            return
        number = lane_of(record)
        if number in self.lanes:
            self.lanes[number].append(record)
        else:
            self.lanes[number] = [record]
            self._send(number)

    def _send(self, number: int, after: timedelta = LATENCY) -> None:
        batch: list[Item] = []

        def hand_over() -> Any:
            batch[:] = batch or self.lanes[number][:BATCH]
            return changes.handler({"Records": batch}, None)["batchItemFailures"]

        message = Message("stream", hand_over, lambda failed: self._take(number, batch, failed))
        self._scheduler.send(message, after)

    def _take(self, number: int, batch: Sequence[Item], failed: Sequence[Item]) -> None:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        taken = numbers.index(failed[0]["itemIdentifier"]) if failed else len(numbers)
        del self.lanes[number][:taken]
        if not self.lanes[number]:
            del self.lanes[number]
        elif failed:
            self._send(number, RETRY)
        else:
            self._send(number)


class Bus:
    """Both buses: events are remembered, requests go to the network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.published: set[str] = set()
        """The ids of the events that it has taken."""

    def put_events(self, *, Entries: Sequence[Item]) -> Item:  # noqa: N803 - boto3's name
        """Take entries."""
        for entry in Entries:
            detail = json.loads(entry["Detail"])
            if entry["DetailType"] == PROVISIONING_REQUESTED:
                self._network.provision(detail)
            elif entry["DetailType"] == DEPROVISIONING_REQUESTED:
                self._network.undo(detail)
            else:
                self.published.add(detail["id"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


class Queues:
    """The queue of webhooks, and the one of the stream's failures."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.set_aside: list[Any] = []

    def send_message_batch(self, *, Entries: Sequence[Any], **_: Any) -> Item:  # noqa: N803 - boto3's name
        """Take messages for the sender."""
        for entry in Entries:
            body = entry["MessageBody"]
            message = Message("queue", lambda body=body: send.carry_out(body), about=json.loads(body)["about"])  # type: ignore[misc]
            self._scheduler.send(message, timedelta(seconds=entry["DelaySeconds"], milliseconds=20))
        return {"Successful": [{} for _ in Entries]}

    def send_message(self, *, MessageBody: str, **_: Any) -> None:  # noqa: N803 - boto3's name
        """Take a record that was given up on."""
        self.set_aside.append(json.loads(MessageBody))


def _record(change: Change, number: int) -> Item:
    """A change, as Lambda gets it."""
    images = {"OldImage": change.old, "NewImage": change.new}
    kind = "REMOVE" if change.new is None else "MODIFY" if change.old else "INSERT"
    dynamodb: Item = {name: as_json(image) for name, image in images.items() if image is not None}
    dynamodb |= {"Keys": {"pk": {"S": change.key[0]}, "sk": {"S": change.key[1]}}, "SequenceNumber": f"{number:021}"}
    return {"eventName": kind, "dynamodb": dynamodb | {"ApproximateCreationDateTime": change.at.timestamp()}}
