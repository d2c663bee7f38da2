"""Caches what moto computes again for each call or execution although it is always the same."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from moto.core import responses
from moto.dynamodb.models import table
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from infra.local.patches import replaced


@contextmanager
def once() -> Iterator[None]:
    """Cache parsed state machines (which hold no state of their executions), parsed paths and moto's own methods.

    A stream's record is also no longer written as JSON to learn its size, which nobody asks for.
    """
    with ExitStack() as patches:
        for owner, name in (
            (AmazonStateLanguageParser, "parse"),
            (json_path, "parse"),
            (result_path, "parse"),
            (responses, "method_names_from_class"),
        ):
            patches.enter_context(replaced(owner, name, cache))
        patches.enter_context(replaced(table, "dynamo_json_dump", lambda _dump: lambda _record: ""))
        yield
