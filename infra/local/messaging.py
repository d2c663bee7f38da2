"""moto's SQS and Step Functions, made safe for threads."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import RLock
from time import monotonic, sleep
from typing import Any

from moto.core.responses import EmptyResult
from moto.sqs.models import Message, SQSBackend
from moto.stepfunctions.parser import quotas
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from infra.local.patches import all_replaced, locked
from infra.local.watching import Watcher

MAX_START_SECONDS = 10.0
POLL_SECONDS = 0.02


def sound_queues(watcher: Watcher) -> AbstractContextManager[None]:
    """Lose no message that is sent while another is deleted, and let nobody who waits for one hold up the others."""
    queues = _Queues(watcher)
    return all_replaced(
        (SQSBackend, "send_message", queues.sending),
        (SQSBackend, "receive_message", queues.receiving),
        (SQSBackend, "delete_message", queues.deleting),
        (SQSBackend, "change_message_visibility", locked(queues.lock)),
    )


class _Queues:
    """moto's methods under one lock, each with a word to the watcher."""

    def __init__(self, watcher: Watcher) -> None:
        self.lock = RLock()
        self._watcher = watcher

    def sending(self, send: Callable[..., Message]) -> Callable[..., Message]:
        def send_message(backend: SQSBackend, queue_name: str, *args: Any, **options: Any) -> Message:
            with self.lock:
                message = send(backend, queue_name, *args, **options)
                self._watcher.sent(queue_name, message)
            return message

        return send_message

    def deleting(self, delete: Callable[..., None]) -> Callable[..., None]:
        def delete_message(backend: SQSBackend, queue_name: str, receipt_handle: str) -> None:
            with self.lock:
                messages = backend.get_queue(queue_name)._messages  # noqa: SLF001 - those on their way are nowhere else
                ended = [message for message in messages if message.had_receipt_handle(receipt_handle)]
                delete(backend, queue_name, receipt_handle)
            for message in ended:
                self._watcher.deleted(message)

        return delete_message

    def receiving(self, receive: Callable[..., Any]) -> Callable[..., Any]:
        def receive_message(backend: Any, queue: str, count: int, seconds: int, *args: Any) -> Any:
            deadline = monotonic() + seconds
            while True:
                with self.lock:
                    messages = receive(backend, queue, count, 0, *args)
                    self._watcher.received(queue, len(messages))
                if messages or monotonic() >= deadline:
                    return messages
                sleep(POLL_SECONDS)

        return receive_message


def sound_executions(begin: Callable[[str], Callable[[], None]]) -> AbstractContextManager[None]:
    """Start one execution per name, and accept answers to tasks while other executions are being started.

    moto looks for a task token in every running execution, and fails when one of them has no environment yet. It also
    measures what executions carry as JSON with escapes; AWS counts UTF-8. ``begin`` counts an execution; what it
    returns is called at the end.
    """
    lock = RLock()

    def counted(start: Callable[..., None]) -> Callable[..., None]:
        def begin_and_start(execution: Any) -> None:
            execution.count_end = begin(execution.name)
            start(execution)

        return begin_and_start

    guarded = ("send_task_success", "send_task_failure")
    return all_replaced(
        (StepFunctionsParserBackend, "start_execution", lambda start: locked(lock)(_until_ready(start))),
        (StepFunctionResponse, "send_task_failure", lambda _original: _fail_task),
        (Execution, "start", counted),
        (BaseExecutionWorkerCommunication, "terminated", _and_count),
        (quotas, "to_json_str", lambda _original: _unescaped),
        *((StepFunctionsParserBackend, name, locked(lock)) for name in guarded),
    )


def _and_count(terminated: Callable[..., None]) -> Callable[..., None]:
    def terminate_and_count(communication: Any) -> None:
        try:
            terminated(communication)
        finally:
            communication.execution.count_end()

    return terminate_and_count


def _until_ready(start: Callable[..., Any]) -> Callable[..., Any]:
    def start_execution(*args: Any, **options: Any) -> Any:
        execution = start(*args, **options)
        deadline = monotonic() + MAX_START_SECONDS
        while execution.exec_worker.env is None and monotonic() < deadline:
            sleep(0.001)
        return execution

    return start_execution


def _unescaped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _fail_task(response: Any) -> EmptyResult:
    """Fail a task with its cause, which moto leaves out."""
    token, error, cause = (response._get_param(name) for name in ("taskToken", "error", "cause"))  # noqa: SLF001 - moto has no other way
    response.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
    return EmptyResult()
