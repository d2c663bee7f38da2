"""Caches what moto computes again for each call or execution although it is always the same."""

from contextlib import AbstractContextManager
from functools import cache

from moto.core import responses
from moto.dynamodb.models import table
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from infra.local.patches import all_replaced


def once() -> AbstractContextManager[None]:
    """Cache parsed state machines (which hold no state of their executions), parsed paths and moto's own methods.

    A stream's record is also no longer written as JSON to learn its size, which nobody asks for.
    """
    return all_replaced(
        (AmazonStateLanguageParser, "parse", cache),
        (json_path, "parse", cache),
        (result_path, "parse", cache),
        (responses, "method_names_from_class", cache),
        (table, "dynamo_json_dump", lambda _dump: lambda _record: ""),
    )
