"""One start of a function: its import, its first call and many warm ones, in a process that has done nothing before.

``python tests/benchmark/process.py CASE`` prints what they took. Between botocore and the network stands a stub: all
that botocore does is in the measure, and nothing of the network or of what stands for AWS.
"""

import io
import itertools
import json
import sys
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]
WARM_UP = 20
CALLS = 60
ALWAYS = {
    "DynamoDB_20120810.TransactWriteItems": {},
    "DynamoDB_20120810.PutItem": {},
    "DynamoDB_20120810.UpdateItem": {},
    "secretsmanager.GetSecretValue": {"SecretString": "secret"},
    "TrentService.GenerateDataKey": {"Plaintext": "A" * 43 + "=", "CiphertextBlob": "A" * 248},
}
"""What AWS answers whatever it is asked, by the name of the call."""
CONTEXT = SimpleNamespace(
    function_name="benchmark",
    aws_request_id="00000000-0000-4000-8000-000000000000",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:benchmark",
    get_remaining_time_in_millis=lambda: 15000,
)


class Answers:
    """Stands in place of botocore's HTTP: the bytes that AWS would send, without sending anything."""

    def __init__(self, recorded: dict[str, list[str]]) -> None:
        always = {name: [json.dumps(answer)] for name, answer in ALWAYS.items()}
        self._answers = {name: itertools.cycle(map(_sent, bodies)) for name, bodies in (always | recorded).items()}

    def send(self, request: Any) -> Any:
        """Answer a request as ``URLLib3Session`` does."""
        name = request.headers["X-Amz-Target"].decode()
        headers, body = next(self._answers[name])
        raw = SimpleNamespace(stream=lambda: iter([body]))
        return import_module("botocore.awsrequest").AWSResponse(request.url, 200, headers, raw)


def _sent(body: str) -> tuple[dict[str, str], bytes]:
    content = body.encode()
    headers = {
        "Server": "Server",
        "Date": "Mon, 30 Nov 2026 12:00:00 GMT",
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(content)),
        "Connection": "keep-alive",
        "x-amzn-RequestId": "A" * 52,
        "x-amz-crc32": str(zlib.crc32(content)),
    }
    return headers, content


class Watch:
    """Milliseconds of processor and of the clock on the wall."""

    def __init__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def stop(self) -> tuple[float, float]:
        """Return both, since it was made."""
        cpu, wall = self._began
        return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def _timed(calls: int, call: Callable[[], Any]) -> tuple[float, float]:
    """Return what each of the calls takes, with its share of what Python does now and then."""
    watch = Watch()
    for _ in range(calls):
        call()
    cpu, wall = watch.stop()
    return cpu / calls, wall / calls


def main() -> None:
    """Measure one case."""
    case = json.loads(Path(sys.argv[1]).read_text(), parse_float=Decimal)
    sys.path[0] = str(ROOT)
    output, sys.stdout = sys.stdout, io.StringIO()
    watch = Watch()
    handler = import_module(case["module"]).handler
    loaded = watch.stop()
    answers = Answers(case["answers"])
    _isolate(answers, case["now"])

    def call() -> Any:
        return handler(case["event"], CONTEXT)

    first = _timed(1, call)
    _check(call(), case["status"])
    _timed(WARM_UP, call)
    output.write(json.dumps({"imported": loaded, "first": first, "warm": _timed(CALLS, call)}))


def _isolate(answers: Answers, now: str) -> None:
    """Let nothing reach a network, and let time stand at the moment at which the answers were recorded."""
    session = sys.modules.get("botocore.httpsession")
    if session:
        session.URLLib3Session.send = answers.send
    clock = sys.modules.get("functions.shared.clock")
    if clock:
        moment = datetime.fromisoformat(now)
        clock.machine_time = lambda: moment  # type: ignore[attr-defined]


def _check(answer: Any, status: int) -> None:
    if answer["statusCode"] != status:
        raise SystemExit(f"{status} was expected: {answer}")


if __name__ == "__main__":
    main()
