"""moto's SQS and Step Functions, made safe for threads."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from time import monotonic, sleep
from typing import Any

from moto.core.responses import EmptyResult
from moto.sqs.models import SQSBackend
from moto.stepfunctions.parser import quotas
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from infra.local.patches import replaced

MAX_START_SECONDS = 10.0


@contextmanager
def sound_queues(on_message: Callable[[], None]) -> Iterator[None]:
    """Lose no message that is sent while another is deleted; call ``on_message`` for each that is sent."""
    lock = RLock()

    def reporting(send: Callable[..., Any]) -> Callable[..., Any]:
        def send_message(*args: Any, **options: Any) -> Any:
            with lock:
                message = send(*args, **options)
            on_message()
            return message

        return send_message

    with ExitStack() as patches:
        patches.enter_context(replaced(SQSBackend, "send_message", reporting))
        for name in ("receive_message", "delete_message", "change_message_visibility"):
            patches.enter_context(replaced(SQSBackend, name, lambda method: _locked(method, lock)))
        yield


@contextmanager
def sound_executions() -> Iterator[None]:
    """Start one execution per name, and accept answers to tasks while other executions are being started.

    moto looks for a task token in every running execution, and fails when one of them has no environment yet. It also
    measures what executions carry as JSON with escapes; AWS counts UTF-8.
    """
    lock = RLock()

    def ready(start: Callable[..., Any]) -> Callable[..., Any]:
        def start_execution(*args: Any, **options: Any) -> Any:
            with lock:
                execution = start(*args, **options)
                deadline = monotonic() + MAX_START_SECONDS
                while execution.exec_worker.env is None and monotonic() < deadline:
                    sleep(0.001)
                return execution

        return start_execution

    with ExitStack() as patches:
        patches.enter_context(replaced(StepFunctionsParserBackend, "start_execution", ready))
        patches.enter_context(replaced(StepFunctionResponse, "send_task_failure", lambda _original: _fail_task))
        patches.enter_context(replaced(quotas, "to_json_str", lambda _original: _unescaped))
        for name in ("send_task_success", "send_task_failure"):
            patches.enter_context(
                replaced(StepFunctionsParserBackend, name, lambda method: _locked(method, lock)),
            )
        yield


def _unescaped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _fail_task(response: Any) -> EmptyResult:
    """Fail a task with its cause, which moto leaves out."""
    token, error, cause = (response._get_param(name) for name in ("taskToken", "error", "cause"))  # noqa: SLF001 - moto has no other way
    response.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
    return EmptyResult()


def _locked(method: Callable[..., Any], lock: RLock) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        with lock:
            return method(*args, **options)

    return call
