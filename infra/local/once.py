"""Caches what moto makes again for each call or execution although it is always the same."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import jsonpath_ng.ext
from moto.core import responses
from moto.dynamodb.models import table
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_events
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from infra.local.patches import all_replaced


def once() -> AbstractContextManager[None]:
    """Cache parsed state machines (which hold no state of their executions), paths, clients and moto's own methods.

    A stream's record is also no longer written as JSON to learn its size, which nobody asks for.
    """
    return all_replaced(
        (AmazonStateLanguageParser, "parse", cache),
        (json_path, "parse", cache),
        (result_path, "parse", cache),
        (responses, "method_names_from_class", cache),
        (jsonpath_ng.ext, "parse", cache),
        (state_task_service_events, "boto_client_for", _one_client),
        (table, "dynamo_json_dump", lambda _dump: lambda _record: ""),
    )


def _one_client(make: Callable[..., Any]) -> Callable[..., Any]:
    """Clients are safe for threads; making one takes longer than the rest of a task."""
    clients = cache(lambda region, service: make(region=region, service=service))
    return lambda region, service, state_credentials=None: clients(region, service)
