"""What AWS does around the functions: the table's stream calls its function, the state machine carries out orders."""

import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from functools import partial
from threading import Lock
from typing import Any

import boto3

from infra.local import environment
from infra.local.functions import EXECUTION_TASK, Functions
from infra.local.pumps import Pump
from infra.local.stream import Stream, as_lambda_gets_it
from infra.local.stream_filter import wanted
from tests.load.worker import Asked, Item
from tests.support.carrying_out import TRIES, again, carry_out

EXECUTIONS = 64
"""That go on at a time; more of them wait."""
READ_SECONDS = 0.1
QUIET = 5
"""Looks at the stream without anything new after which nothing more comes."""
FINAL = ("order.completed", "order.failed", "order.canceled", "order.expired")


class TableStream(Pump):
    """Reads the stream of the table, and hands over what its function is to be given. ``seen`` counts the events."""

    def __init__(self, url: str, functions: Functions) -> None:
        super().__init__("stream", READ_SECONDS)
        self.seen: Counter[str] = Counter()
        self.waiting = 0
        self.quiet = 0
        """How often in a row there was nothing new."""
        self._client = boto3.client("dynamodbstreams", endpoint_url=url)
        (stream,) = self._client.list_streams(TableName=environment.TABLE)["Streams"]
        self._arn = stream["StreamArn"]
        self._iterators: dict[str, str | None] = {}
        self._read: dict[str, str] = {}
        self._stream = Stream(functions)
        self._lock = Lock()

    def start(self) -> None:
        """Start reading, and the lanes."""
        super().start()
        for lane in self._stream.lanes:
            lane.start()

    def stop(self) -> None:
        """Stop reading, and the lanes."""
        super().stop()
        for lane in self._stream.lanes:
            lane.stop()

    def work(self) -> None:
        """Read everything that is new."""
        records = [record for shard in self._shards() for record in self._news(shard["ShardId"])]
        for record in records:
            self._look(record)
        self.quiet = 0 if records else self.quiet + 1

    def orders(self) -> tuple[int, int]:
        """Return how many orders were accepted, and how many of them are final."""
        return self.seen["order.accepted"], sum(self.seen[kind] for kind in FINAL)

    def _shards(self) -> Any:
        return self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]

    def _news(self, shard: str) -> list[Any]:
        """Return what a shard has after what was read of it.

        DynamoDB Local forgets what an iterator means that was given out before the shard had any record.
        """
        try:
            iterator = self._iterators.get(shard) or self._iterator(shard)
            answer: Any = self._client.get_records(ShardIterator=iterator)
        except self._client.exceptions.TrimmedDataAccessException:
            answer = {"Records": []}
        self._iterators[shard] = answer.get("NextShardIterator")
        if answer["Records"]:
            self._read[shard] = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
        return list(answer["Records"])

    def _iterator(self, shard: str) -> str:
        """Return one that goes on behind what was read."""
        last = self._read.get(shard)
        place: Any = {"ShardIteratorType": "TRIM_HORIZON"}
        if last:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
        return str(self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **place)["ShardIterator"])

    def _look(self, record: Any) -> None:
        change = record["dynamodb"]
        image = change.get("NewImage", {})
        if record["eventName"] == "INSERT" and image.get("kind") == {"S": "event"}:
            self.seen[image["type"]["S"]] += 1
        if wanted(record):
            change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].astimezone(UTC)
            self._count(1)
            self._stream.hand_over(as_lambda_gets_it(record), lambda: self._count(-1))

    def _count(self, number: int) -> None:
        with self._lock:
            self.waiting += number


class Services:
    """Step Functions, with a network that does at once what it is asked, and the bus."""

    def __init__(self) -> None:
        self.published: Counter[str] = Counter()
        """How often each event came to the bus, by its id."""
        self._started: dict[str, Future[str]] = {}
        self._threads = ThreadPoolExecutor(EXECUTIONS)
        self._lock = Lock()
        self.functions: Functions

    def hear(self, asked: Asked) -> None:
        """Do what a function asks for; one order is one execution."""
        with self._lock:
            if asked.service == "event":
                self.published[asked.content["id"]] += 1
            elif asked.content["order_id"] not in self._started:
                run = partial(self._step, **asked.content)
                self._started[asked.content["order_id"]] = self._threads.submit(carry_out, run)

    def rest(self) -> bool:
        """Return whether no execution goes on."""
        return all(each.done() for each in list(self._started.values()))

    def stop(self) -> None:
        """Start nothing more."""
        self._threads.shutdown(cancel_futures=True)

    def _step(self, step: str, /, **fields: Any) -> Item:
        event = {"step": step, **fields}
        answer: Item = again(lambda: self.functions.invoke(EXECUTION_TASK, event), TRIES[step])
        return answer


def settle(stream: TableStream, services: Services, seconds: float) -> None:
    """Wait until all accepted orders are final, and all they make is done. Raise ``TimeoutError`` if some stay open."""
    deadline = time.monotonic() + seconds
    while not (stream.quiet > QUIET and stream.waiting == 0 and services.rest() and len({*stream.orders()}) == 1):
        if time.monotonic() > deadline:
            accepted, final = stream.orders()
            raise TimeoutError(f"{accepted - final} of {accepted} orders are not final after {seconds:.0f} s")
        time.sleep(READ_SECONDS)
