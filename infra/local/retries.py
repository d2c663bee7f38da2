"""Makes moto retry a step as AWS does.

moto keeps a task's token for all of its attempts, so that the next one hears the last one's answer. It takes answers
to a token that nobody waits for any more, calls a refused PutEvents ``States.Runtime``, and lets that be caught.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import sleep
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import AWSError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_events import (
    SfnFailedEntryCountException,
    StateTaskServiceEvents,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackEndpoint,
    CallbackOutcome,
    CallbackPoolManager,
)

from infra.local.patches import all_replaced

RETRY_PACE = 1 / 50
"""Where AWS waits a minute before it runs a step again, this machine waits a little more than a second."""
NEVER_CAUGHT = {"States.Runtime", "States.DataLimitExceeded"}


def sound_retries() -> AbstractContextManager[None]:
    """Make each attempt at a step independent, as on AWS, but with shorter pauses between them."""
    return all_replaced(
        (retrier_decl, "time", lambda _time: SimpleNamespace(sleep=_pause)),
        (CallbackEndpoint, "interrupt_all", _and_wait_no_more),
        (CallbackPoolManager, "notify", _if_somebody_waits),
        (StateTaskServiceCallback, "_handle_retry", _with_a_new_token),
        (StateTaskServiceEvents, "_from_error", _with_the_services_error),
        (ErrorEqualsDecl, "_eval_body", _unless_never_caught),
    )


def _pause(seconds: float) -> None:
    sleep(seconds * RETRY_PACE)


def _and_wait_no_more(interrupt: Callable[[Any], None]) -> Callable[[Any], None]:
    """Mark the task as no longer waiting; moto calls this once it has its answer or has timed out."""

    def interrupt_all(endpoint: CallbackEndpoint) -> None:
        interrupt(endpoint)
        endpoint.report(CallbackConsumerTimeout())

    return interrupt_all


def _if_somebody_waits(notify: Callable[..., bool]) -> Callable[..., bool]:
    def take(pool: CallbackPoolManager, callback_id: str, outcome: CallbackOutcome) -> bool:
        endpoint = pool.get(callback_id)
        if endpoint is not None and endpoint.consumer_error is not None:
            raise AWSError("Task Timed Out: 'Provided task does not exist anymore'", "TaskTimedOut", 400)
        return notify(pool, callback_id, outcome)

    return take


def _with_a_new_token(handle: Callable[..., RetryOutcome]) -> Callable[..., RetryOutcome]:
    def handle_retry(state: Any, env: Any, failure_event: FailureEvent) -> RetryOutcome:
        context = env.states.context_object
        waits_for = context.context_object_data.get("Task")
        if waits_for:
            env.callback_pool_manager.get(waits_for["Token"]).interrupt_all()
        outcome = handle(state, env, failure_event)
        if waits_for and outcome == RetryOutcome.CanRetry:
            env.callback_pool_manager.add(context.update_task_token())
        return outcome

    return handle_retry


def _with_the_services_error(original: Callable[..., FailureEvent]) -> Callable[..., FailureEvent]:
    def from_error(state: Any, env: Any, ex: Exception) -> FailureEvent:
        match ex:
            case SfnFailedEntryCountException():
                return _failed(env, "FailedEntry", json.dumps(ex.cause))
            case ClientError():
                return _failed(env, ex.response["Error"]["Code"], str(ex))
            case BotoCoreError():
                return _failed(env, "SdkClientException", str(ex))
        return original(state, env, ex)

    return from_error


def _failed(env: Any, name: str, cause: str) -> FailureEvent:
    details: Any = {"error": f"EventBridge.{name}", "cause": cause}
    details |= {"resource": "putEvents.waitForTaskToken", "resourceType": "events"}
    event_details: Any = {"taskFailedEventDetails": details}
    return FailureEvent(
        env=env,
        error_name=CustomErrorName(error_name=details["error"]),
        event_type=HistoryEventType.TaskFailed,
        event_details=event_details,
    )


def _unless_never_caught(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def evaluate(names: ErrorEqualsDecl, env: Any) -> None:
        error_name = env.stack[-1]
        original(names, env)
        if error_name.error_name in NEVER_CAUGHT:
            env.stack[-1] = False

    return evaluate
