"""Gives the functions a world's table, time, chance and AWS, in place of those of this machine."""

import builtins
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from math import ceil
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from functions.events import answers, changes, publishing, set_aside, turns
from functions.events import clock as clock_function
from functions.orders import executions
from functions.shared import clock, dynamodb, ids, lists, sealing, search_keys, table, transaction
from functions.shared.observability import logger
from functions.shared.settings import Settings
from functions.sim_profiles import stock
from functions.webhooks import attempts, fan_out, queue, schedule, secrets, send, sending, slots
from infra.local import functions as local_functions
from infra.local.patches import all_replaced
from infra.openapi.examples import example_data
from tests.simulation.chance import Ids, Keys
from tests.simulation.world import World
from tests.support.description import document

Patch = tuple[Any, str, Callable[[Any], Any]]
STAGE = {"NETWORK_TIMEOUT_SECONDS": "900", "EXPECTED_WITHIN_SECONDS": "300", "LOG_HORIZON_SECONDS": "20"}
"""Settings as a stage has them, where a sandbox has others."""


@contextmanager
def surroundings(world: World) -> Iterator[None]:
    """Let the functions run in this world, and in this process in no other."""
    patches = [*_time(world), *_chance(world.ids), *_aws(world), (logger, "error", _giving(world.watch.hear))]
    with patch.dict(os.environ, STAGE), all_replaced(*patches):
        Settings.load.cache_clear()
        yield
    Settings.load.cache_clear()


def _time(world: World) -> Iterator[Patch]:
    """One time for everything, which passes between messages and in pauses."""
    scheduler = world.scheduler

    def sleep(seconds: float) -> None:
        scheduler.wait(timedelta(milliseconds=ceil(seconds * 1000)))

    def monotonic() -> float:
        return scheduler.now.timestamp()

    time = SimpleNamespace(monotonic=monotonic, sleep=sleep)
    for module in (table, dynamodb, changes, clock_function, turns, fan_out):
        yield module, "time", _giving(time)
    for name in ("now", "machine_time"):
        yield clock, name, _giving(lambda: scheduler.now)


def _chance(ids_: Ids) -> Iterator[Patch]:
    """One source of chance, the same each time."""
    yield ids, "random_ulid", _giving(ids_.ulid)
    for module in (attempts, transaction, local_functions):
        yield module, "uuid4", _giving(ids_.uuid)
    for module in (secrets, sealing):
        yield module, "os", _giving(SimpleNamespace(urandom=ids_.some_bytes))
    for module in (slots, schedule, dynamodb):
        yield module, "SystemRandom", _giving(ids_.dice)
    yield stock, "choices", _giving(ids_.dice)


def _aws(world: World) -> Iterator[Patch]:
    """The services, each reached through what may go wrong with a call."""
    through = world.calls.client
    for owner, name, service in (
        (dynamodb, "client", world.table),
        (executions, "_client", world.machines),
        (answers, "_client", world.machines),
        (publishing, "_bus", world.bus),
        (queue, "client", world.queues),
        (set_aside, "_queue", world.queues),
        (sealing, "_kms", Keys()),
    ):
        client = through(service)
        yield owner, name, _giving(lambda client=client: client)
    for owner in (table, transaction):
        yield owner, "table_name", _giving(lambda: "orders")
    for owner in (search_keys, lists):
        yield owner, "_secret", _giving(lambda: b"secret")
    yield clock_function, "ThreadPoolExecutor", _giving(lambda _number: nullcontext(builtins))
    yield send, "_examples", _giving(lambda: example_data(document()))
    yield sending, "post", _giving(world.endpoints.post)


def _giving(value: Any) -> Callable[[Any], Any]:
    return lambda _original: value
