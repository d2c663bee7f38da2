"""What can go wrong between a function and the table, put into the calls of one client.

DynamoDB Local is never busy and never silent, so that is done here, where botocore sends a request: everything above
it, its own retries included, is the real thing.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from random import Random
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

SENT = "before-send.dynamodb"
BATCH_READ = "after-call.dynamodb.BatchGetItem"
WRITE = "TransactWriteItems"
NAMESPACE = "com.amazonaws.dynamodb.v20120810#"

READS = {"throttled": 0.03, "unreachable": 0.01}
WRITES = {
    "conflict": 0.15,
    "throttled": 0.04,
    "slowed": 0.04,
    "unreachable": 0.02,
    "answer lost": 0.04,
    "answer broken": 0.04,
    "silenced": 0.02,
}
"""How likely each fault is; ``silenced`` loses the answers to every attempt at the same transaction."""
UNPROCESSED = 0.1


class Faults:
    """Injects faults by chance, from a seed, and counts them by name in ``injected``."""

    def __init__(self, client: Any, seed: int) -> None:
        self.injected: Counter[str] = Counter()
        self._client = client
        self._random = Random(seed)  # noqa: S311 - the same faults each time
        self._lock = Lock()
        self._silenced: set[str] = set()
        self._silence_next = False

    @contextmanager
    def at_work(self, *, silence_first_write: bool = True) -> Iterator[None]:
        """Let things go wrong; the first transaction that commits never gets its answer through, if so asked."""
        self._silence_next = silence_first_write
        events = self._client.meta.events
        hooks = {SENT: self._on_send, BATCH_READ: self._on_batch}
        for name, hook in hooks.items():
            events.register(name, hook)
        try:
            yield
        finally:
            for name, hook in hooks.items():
                events.unregister(name, hook)

    def _on_send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        if operation != WRITE:
            return self._do(self._draw(READS), request, items=0)
        content: Any = request.body
        body = json.loads(content)
        token = body["ClientRequestToken"]
        fault = "silenced" if token in self._silenced else self._draw(WRITES)
        if fault is None and self._silence_next:
            fault = self._silence_if_committed(request, token)
        elif fault == "silenced":
            self._silenced.add(token)
        return self._do(fault, request, items=len(body["TransactItems"]))

    def _silence_if_committed(self, request: AWSPreparedRequest, token: str) -> str | None:
        """Sending again what was carried out under a token changes nothing."""
        answer = self._carry_out(request)
        with self._lock:
            if answer.status_code != 200 or not self._silence_next:
                return None
            self._silence_next = False
            self._silenced.add(token)
            return "silenced"

    def _do(self, fault: str | None, request: AWSPreparedRequest, items: int) -> AWSResponse | None:
        if fault is None:
            return None
        with self._lock:
            self.injected[fault] += 1
        match fault:
            case "conflict":
                return _cancelled(request, items)
            case "throttled":
                return _refused(request, "ProvisionedThroughputExceededException")
            case "slowed":
                return _refused(request, "ThrottlingException")
            case "unreachable":
                raise EndpointConnectionError(endpoint_url=request.url)
        self._carry_out(request)
        if fault == "answer broken":
            return _answer(request, 500, {"__type": f"{NAMESPACE}InternalServerError", "message": "injected"})
        raise ReadTimeoutError(endpoint_url=request.url)

    def _on_batch(self, parsed: dict[str, Any], **_: Any) -> None:
        """Give back half of what a batched read found as not yet read."""
        for table, items in list(parsed.get("Responses", {}).items()):
            with self._lock:
                spared = len(items) < 2 or self._random.random() >= UNPROCESSED
            if not spared:
                self.injected["unprocessed"] += 1
                half = len(items) // 2
                keys = [{name: item[name] for name in ("pk", "sk")} for item in items[half:]]
                parsed["Responses"][table] = items[:half]
                parsed["UnprocessedKeys"][table] = {"Keys": keys, "ConsistentRead": True}

    def _draw(self, rates: Mapping[str, float]) -> str | None:
        with self._lock:
            (fault,) = self._random.choices([*rates, None], [*rates.values(), 1 - sum(rates.values())])
        return fault

    def _carry_out(self, request: AWSPreparedRequest) -> AWSResponse:
        answer: AWSResponse = self._client._endpoint.http_session.send(request)
        return answer


class _Raw(BytesIO):
    """What botocore reads an answer's body from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _cancelled(request: AWSPreparedRequest, items: int) -> AWSResponse:
    """Another transaction is at work on the first item."""
    reasons: list[dict[str, Any]] = [{"Code": "TransactionConflict", "Message": "injected"}]
    reasons += [{"Code": "None"}] * (items - 1)
    error = {"__type": f"{NAMESPACE}TransactionCanceledException", "Message": "injected"}
    return _answer(request, 400, error | {"CancellationReasons": reasons})


def _refused(request: AWSPreparedRequest, code: str) -> AWSResponse:
    return _answer(request, 400, {"__type": NAMESPACE + code, "message": "injected"})


def _answer(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    raw: Any = _Raw(json.dumps(body).encode())
    return AWSResponse(request.url, status, headers, raw)
