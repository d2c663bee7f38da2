"""moto's SQS and Step Functions, made safe for threads."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from time import monotonic, sleep
from typing import Any

from moto.core.responses import EmptyResult
from moto.sqs.models import Message, SQSBackend
from moto.stepfunctions.parser import quotas
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from infra.local.patches import replaced

MAX_START_SECONDS = 10.0


@contextmanager
def sound_queues(on_send: Callable[[str, Message], None], on_delete: Callable[[Message], None]) -> Iterator[None]:
    """Lose no message that is sent while another is deleted; report both, a sent one with its queue."""
    lock = RLock()

    def reporting(send: Callable[..., Message]) -> Callable[..., Message]:
        def send_message(backend: SQSBackend, queue_name: str, *args: Any, **options: Any) -> Message:
            with lock:
                message = send(backend, queue_name, *args, **options)
            on_send(queue_name, message)
            return message

        return send_message

    def reporting_end(delete: Callable[..., None]) -> Callable[..., None]:
        def delete_message(backend: SQSBackend, queue_name: str, receipt_handle: str) -> None:
            with lock:
                messages = backend.get_queue(queue_name)._messages  # noqa: SLF001 - those on their way are nowhere else
                ended = [message for message in messages if message.had_receipt_handle(receipt_handle)]
                delete(backend, queue_name, receipt_handle)
            for message in ended:
                on_delete(message)

        return delete_message

    with ExitStack() as patches:
        patches.enter_context(replaced(SQSBackend, "send_message", reporting))
        patches.enter_context(replaced(SQSBackend, "delete_message", reporting_end))
        for name in ("receive_message", "change_message_visibility"):
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
