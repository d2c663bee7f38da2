"""A worker: carries out messages of the queue side by side, so that an endpoint that hangs holds nothing up.

A worker is one invocation of Lambda, and only so many run at a time. While an attempt lets it wait, it takes further
messages from the queue by itself: otherwise as many dead endpoints as there are workers would hold up everybody. It has
more threads than a webhook has slots, so one dead endpoint for each worker leaves threads free in all of them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from random import SystemRandom
from typing import Any

from functions.shared.observability import in_thread, report_failure
from functions.webhooks import queue

AT_ONCE = 20
"""Messages that a worker carries out at a time."""
PATIENCE_SECONDS = 0.2
"""After this a worker does not only wait for what it carries out."""
POLL_SECONDS = 1
"""How long SQS waits for a message to come."""
TAKES_MORE_SECONDS = (15.0, 30.0)
"""How long a worker takes further messages; chance decides, so that not all workers end their work at one time."""


def work(records: Sequence[Mapping[str, Any]], carry_out: Callable[[str], None]) -> dict[str, Any]:
    """Carry out the messages that Lambda hands over, and others that come meanwhile; return those that failed."""
    end = time.monotonic() + SystemRandom().uniform(*TAKES_MORE_SECONDS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        given = {record["messageId"]: pool.submit(in_thread(carry_out), record["body"]) for record in records}
        running: set[Future[None]] = set(given.values())
        wait(running, timeout=PATIENCE_SECONDS)
        while running := {each for each in running if not each.done()}:
            if len(running) == AT_ONCE or time.monotonic() >= end:
                wait(running, return_when=FIRST_COMPLETED)
                continue
            for message in _receive(AT_ONCE - len(running)):
                running.add(pool.submit(in_thread(_carry_out_taken), message, carry_out))
    return {"batchItemFailures": [{"itemIdentifier": name} for name, each in given.items() if _failed(each)]}


def _receive(room: int) -> Sequence[Any]:
    try:
        answer = queue.client().receive_message(
            QueueUrl=queue.url(),
            MaxNumberOfMessages=min(room, queue.MAX_MESSAGES),
            WaitTimeSeconds=POLL_SECONDS,
        )
    except Exception:  # noqa: BLE001 - what runs already must come to its end
        report_failure("No further messages could be received.")
        time.sleep(PATIENCE_SECONDS)
        return []
    return answer.get("Messages", [])


def _carry_out_taken(message: Mapping[str, str], carry_out: Callable[[str], None]) -> None:
    """Carry out a message and remove it; one that fails comes again, and after some times is set aside."""
    try:
        carry_out(message["Body"])
        queue.client().delete_message(QueueUrl=queue.url(), ReceiptHandle=message["ReceiptHandle"])
    except Exception:  # noqa: BLE001 - the message comes again, like those that Lambda has handed over
        report_failure("A message of the queue of webhooks failed.")


def _failed(carried_out: Future[None]) -> bool:
    error = carried_out.exception()
    if error:
        report_failure("A message of the queue of webhooks failed.", error)
    return error is not None
