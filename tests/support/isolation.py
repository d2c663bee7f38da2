"""Gives the functions a table, a time, ids and an AWS of their own."""

import builtins
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from threading import get_ident
from typing import Any

from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend
from ulid import ULID

from functions.events import answers, publishing
from functions.events import clock as clock_function
from functions.orders import executions
from functions.shared import clock, dynamodb, ids, sealing, search_keys, table, transaction
from functions.shared.observability import logger
from functions.webhooks import queue, send, sending
from functions.webhooks.post import Outcome
from infra.local import pumps
from infra.local.dynamodb import sound_transactions
from infra.local.patches import replaced
from infra.local.transactions import transact
from infra.openapi.examples import example_data
from tests.support.description import document
from tests.support.world import TABLE, World


@contextmanager
def mocked() -> Iterator[None]:
    """AWS in this process: that of the system which runs in it already, or one of our own."""
    with ExitStack() as running:
        if DynamoDBBackend.transact_write_items is not transact:
            running.enter_context(mock_aws())
            running.enter_context(sound_transactions(lambda _records: None))
        running.callback(logger.setLevel, logger.log_level)
        logger.setLevel("CRITICAL")
        yield


def _naming(ulid: type[ULID], name: Callable[[datetime], Any]) -> type[ULID]:
    """ULIDs whose random part is chosen by ``name``."""

    class Named(ulid):  # type: ignore[valid-type, misc] # a class made while it runs
        @classmethod
        def from_datetime(cls, moment: datetime) -> ULID:
            return ULID.from_str(str(name(moment)))

    return Named


@contextmanager
def alone(world: World) -> Iterator[None]:
    """Give the functions this world's table, time, ids and AWS, in this thread only: others may run a system."""
    mine = get_ident()

    def here(function: Callable[..., Any]) -> Callable[[Any], Any]:
        def chosen(original: Callable[..., Any], *args: Any, **options: Any) -> Any:
            return (function if get_ident() == mine else original)(*args, **options)

        return lambda original: partial(chosen, original)

    with ExitStack() as patches:
        for owner, name, function in (
            (table, "table_name", lambda: TABLE),
            (pumps, "table_name", lambda: TABLE),
            (transaction, "table_name", lambda: TABLE),
            (dynamodb, "client", lambda: world.store),
            (clock, "now", lambda: world.now),
            (search_keys, "_secret", lambda: b"secret"),
            (sealing, "_kms", lambda: world.keys),
            (queue, "client", lambda: world),
            (send, "_examples", lambda: example_data(document())),
            (sending, "post", lambda *_, **__: Outcome(status_code=204, duration_ms=1)),
            (executions, "_client", lambda: world.executions),
            (answers, "_client", lambda: world.executions),
            (publishing, "_bus", lambda: world),
            (clock_function, "ThreadPoolExecutor", lambda _number: nullcontext(builtins)),
        ):
            patches.enter_context(replaced(owner, name, here(function)))
        named = here(world.new_id)
        patches.enter_context(replaced(ids, "ULID", lambda ulid: _naming(ulid, named(ulid.from_datetime))))
        patches.enter_context(replaced(table, "PATIENCE_SECONDS", lambda _seconds: 0.0))
        yield
