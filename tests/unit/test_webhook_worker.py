"""Workers of the queue: what hangs in one holds neither it nor the others up."""

import json
import time
from threading import Event, Lock
from typing import Any

import pytest

from functions.webhooks import queue, worker
from functions.webhooks.slots import SLOTS

MAX_SECONDS = 5.0


class Queue:
    """Stands for SQS: it has what a test puts in, and is asked in vain for the rest."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.deleted: list[str] = []
        self.fails = False
        self._lock = Lock()

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> Any:  # noqa: N803 - boto3's name
        with self._lock:
            taken, self.waiting = self.waiting[:MaxNumberOfMessages], self.waiting[MaxNumberOfMessages:]
        if self.fails:
            raise TimeoutError
        time.sleep(0 if taken else 0.01)
        return {"Messages": [{"Body": body, "ReceiptHandle": body} for body in taken]} if taken else {}

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803 - boto3's name
        self.deleted.append(ReceiptHandle)


class Work:
    """Carries messages out; those that hang do so until they are released."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.released = Event()

    def carry_out(self, body: str) -> None:
        if body.startswith("hangs"):
            self.released.wait(MAX_SECONDS)
        if body.startswith("fails"):
            raise ValueError(body)
        self.done.append(body)
        if body == "last":
            self.released.set()


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Queue:
    stand_in = Queue()
    monkeypatch.setattr(queue, "client", lambda: stand_in)
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.01)
    return stand_in


def records(*bodies: str) -> list[Any]:
    return [{"messageId": body, "body": body} for body in bodies]


def test_what_failed_is_reported_and_nothing_else(sqs: Queue) -> None:
    work = Work()
    answer = worker.work(records("one", "fails", "two"), work.carry_out)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "fails"}]}
    assert sorted(work.done) == ["one", "two"]
    assert sqs.deleted == [], "Lambda does that"


def test_while_an_endpoint_hangs_other_messages_are_taken(sqs: Queue) -> None:
    work = Work()
    sqs.waiting = ["other", "fails", "last"]
    assert worker.work(records("hangs"), work.carry_out) == {"batchItemFailures": []}
    assert work.done[-1] == "hangs"
    assert sorted(sqs.deleted) == ["last", "other"], "the one that failed comes again"


def test_a_worker_holds_no_more_than_it_has_threads(sqs: Queue) -> None:
    work = Work()
    sqs.waiting = [f"hangs {number}" for number in range(2 * worker.AT_ONCE)]
    most = 0
    at_once: list[str] = []

    def carry_out(body: str) -> None:
        nonlocal most
        at_once.append(body)
        most = max(most, len(at_once))
        if most == worker.AT_ONCE:
            work.released.wait(0.1)
            work.released.set()
        work.carry_out(body)
        at_once.remove(body)

    worker.work(records("hangs"), carry_out)
    assert most == worker.AT_ONCE
    assert worker.AT_ONCE > 2 * SLOTS, "an endpoint that hangs leaves threads free, and so does one more"


def test_a_worker_comes_to_its_end_although_messages_keep_coming(sqs: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TAKES_MORE_SECONDS", (0.2, 0.2))
    work = Work()

    def carry_out(body: str) -> None:
        sqs.waiting.append("one more")
        time.sleep(0.05)
        work.carry_out(body)

    started = time.monotonic()
    worker.work(records("one"), carry_out)
    assert time.monotonic() - started < MAX_SECONDS
    assert sqs.waiting


def test_a_queue_that_cannot_be_read_spoils_nothing_that_was_begun(sqs: Queue) -> None:
    work = Work()
    sqs.fails = True
    assert worker.work(records("hangs", "last"), work.carry_out) == {"batchItemFailures": []}
    assert sorted(work.done) == ["hangs", "last"]


def test_messages_say_who_shares_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Sqs:
        def send_message_batch(self, *, Entries: list[Any], **_: Any) -> Any:  # noqa: N803 - boto3's name
            sent.append(Entries)
            return {}

    monkeypatch.setattr(queue, "client", Sqs)
    queue.send((queue.Message("acme", f"dlv_{number}", "wbh_1") for number in range(12)), delay=3)
    assert [len(entries) for entries in sent] == [10, 2]
    assert {(entry["MessageGroupId"], entry["DelaySeconds"]) for entries in sent for entry in entries} == {("wbh_1", 3)}
    assert queue.read(sent[0][0]["MessageBody"]) == queue.Message("acme", "dlv_0", "wbh_1")
    assert json.loads(sent[0][0]["MessageBody"]).keys() == {"partner", "about", "webhook_id", "after"}
