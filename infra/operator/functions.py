"""Invoking a stage's functions, for the operator's commands."""

import json
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from infra.operator import deployed

PATIENT = Config(read_timeout=90, retries={"total_max_attempts": 1})
"""Longer than any function runs; a call that hangs is not made twice behind the operator's back."""


class Failed(Exception):
    """The function raised this."""


def invoke(stage: str | None, module: str, event: Any) -> Any:
    """Run a module's function and return its result. Raise :class:`Failed` if it raises."""
    answer = _client().invoke(FunctionName=deployed.function(stage, module), Payload=json.dumps(event))
    return _result(json.loads(answer["Payload"].read() or "null"), failed="FunctionError" in answer)


def _result(result: Any, *, failed: bool) -> Any:
    if failed:
        raise Failed(f"{result.get('errorType', 'Error')}: {result.get('errorMessage', '')}")
    return result


@cache
def _client() -> Any:
    return boto3.client("lambda", config=PATIENT)
