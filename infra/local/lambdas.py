"""The seam at which moto's state machines call our functions."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from infra.local import activity
from infra.local.functions import Functions
from infra.local.patches import all_replaced


def invoked_in_process(functions: Functions) -> AbstractContextManager[None]:
    """Let moto's Lambda and its state machines run the handlers of this process, and report errors as Lambda does."""

    def make(_original: Callable[..., Any]) -> Callable[..., bytes]:
        def invoke(
            _backend: Any, name: str, _qualifier: str | None, body: Any, _headers: Any, answer_headers: dict[str, str]
        ) -> bytes:
            answer, error = _run(functions, name, json.loads(body or "null"))
            if error:
                answer_headers["x-amz-function-error"] = error
            # As Lambda's Python 3.13 writes it: nothing that is not ASCII is escaped.
            return json.dumps(answer, ensure_ascii=False).encode()

        return invoke

    def direct(_original: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
        def invoke(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
            answer, error = _run(functions, parameters["FunctionName"], json.loads(parameters["Payload"]))
            answered = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": answer}
            return answered | ({"FunctionError": error} if error else {})

        return invoke

    return all_replaced((LambdaSimpleBackend, "invoke", make), (lambda_eval_utils, "_invoke_lambda_function", direct))


def _run(functions: Functions, name: str, event: Any) -> tuple[Any, str]:
    """Return what the function answers; with an error, Lambda's description and kind of it."""
    try:
        answer = functions.invoke(functions.module(name), event)
    except Exception as error:  # noqa: BLE001 - Lambda turns every error of a handler into an answer
        activity.log_step(event, type(error).__name__)
        return {"errorType": type(error).__name__, "errorMessage": str(error)}, "Unhandled"
    activity.log_step(event)
    return answer, ""
