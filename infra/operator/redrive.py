"""Giving what was given up on to its function again, and removing it once the function has handled it.

Everything can be handled twice, so it does no harm if the command is interrupted, runs twice, or runs beside another.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3

from infra.names import failures_output, stack_name, system_name
from infra.operator import deployed
from infra.operator.functions import Failed, invoke
from infra.operator.given_up import BUCKET, MODULES, GivenUp

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

HIDDEN_SECONDS = 600
"""How long nobody else receives a message: longer than the function has for the messages received with it."""
WAIT_SECONDS = 1
"""Only a call that waits asks all of a queue's servers."""
BATCH = 10
BUCKET_SETTING, BUCKET_OUTPUT = "FAILED_CHANGES", "FailedChanges"


class Waiting(NamedTuple):
    """Something that was given up on, and what can be done with it besides handling it."""

    what: GivenUp
    remove: Callable[[], object]
    leave: Callable[[], object]


def places(stage: str | None) -> dict[str, str]:
    """Return the URL of each queue and the name of the bucket, by source; without a stage, from the environment."""
    queues = [name for name in MODULES if name != BUCKET]
    if stage is None:
        found = {name: os.environ.get(_setting(name)) for name in queues} | {BUCKET: os.environ.get(BUCKET_SETTING)}
    else:
        outputs = deployed.outputs(system_name(stage))
        found = {name: outputs.get(failures_output(name)) for name in queues}
        found[BUCKET] = deployed.outputs(stack_name(stage)).get(BUCKET_OUTPUT)
    return {name: place for name in MODULES if (place := found[name])}


def waiting(source: str, place: str) -> Iterator[Waiting]:
    """Yield everything that waits in one place, each once."""
    yield from (_objects(place) if source == BUCKET else _messages(source, place))


def carry_out(stage: str | None, what: GivenUp) -> str | None:
    """Let the function handle it; return why it could not, or ``None``.

    A function stops at what must be retried, or when its time is up: it goes on there as long as it gets any further.
    """
    try:
        event = what.event()
        while event.get("Records", True):
            answer = invoke(stage, MODULES[what.source], event)
            failures = (answer or {}).get("batchItemFailures")
            if not failures:
                return None
            left = _from(failures[0]["itemIdentifier"], event["Records"])
            if not 0 < len(left) < len(event["Records"]):
                return "the function did not take it; see its log"
            event = {"Records": left}
    except Failed as failure:
        return str(failure)
    except (ValueError, KeyError, TypeError):
        return "it cannot be read"
    return None


def _from(identifier: str, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the records from the one that its function names like this on."""
    names = [each["messageId"] if "messageId" in each else each["dynamodb"]["SequenceNumber"] for each in records]
    return [*records[names.index(identifier) :]] if identifier in names else []


def _setting(source: str) -> str:
    return f"{source.upper().replace('-', '_')}_FAILURES_URL"


def _messages(source: str, url: str) -> Iterator[Waiting]:
    sqs = boto3.client("sqs")
    seen: set[str] = set()
    while new := [each for each in _received(sqs, url) if each["MessageId"] not in seen]:
        for message in new:
            seen.add(message["MessageId"])
            handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
            remove = partial(sqs.delete_message, **handle)
            leave = partial(sqs.change_message_visibility, **handle, VisibilityTimeout=0)
            yield Waiting(GivenUp(source, message["MessageId"], message["Body"]), remove, leave)


def _received(sqs: "SQSClient", url: str) -> "Sequence[MessageTypeDef]":
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN_SECONDS, WaitTimeSeconds=WAIT_SECONDS
    )
    return answer.get("Messages", ())


def _objects(bucket: str) -> Iterator[Waiting]:
    for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (_object({"Bucket": bucket, "Key": found["Key"]}) for found in page.get("Contents", ()))


def _object(place: Any) -> Waiting:
    s3 = boto3.client("s3")
    body = s3.get_object(**place)["Body"].read().decode()
    return Waiting(GivenUp(BUCKET, place["Key"], body), partial(s3.delete_object, **place), lambda: None)
