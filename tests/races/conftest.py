"""A world over DynamoDB Local for each test, and what goes wrong in it."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from functions.shared import aws
from functions.shared.observability import logger
from tests.races import invariants
from tests.races.dynamodb_local import PATIENT, dynamodb_local
from tests.races.faults import Faults
from tests.races.world import World, inhabited


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Where DynamoDB Local listens."""
    with dynamodb_local() as url:
        yield url


@pytest.fixture(scope="session")
def store(url: str) -> Iterator[Any]:
    """A client that behaves as the functions' own, but waits as long as a busy machine needs."""
    yield from _client(url, aws.CLIENT.merge(Config(max_pool_connections=100, read_timeout=30)))


@pytest.fixture(scope="session")
def admin(url: str) -> Iterator[Any]:
    """A client that asks once and waits."""
    yield from _client(url, PATIENT)


def _client(url: str, config: Config) -> Iterator[Any]:
    client = boto3.client("dynamodb", endpoint_url=url, config=config)
    yield client
    client.close()


@pytest.fixture
def world(store: Any, admin: Any, settings: Callable[..., None]) -> Iterator[World]:
    """A new world, quiet about the failures it is full of; each test leaves a sound table.

    An order has as long as in AWS: with the sandbox's three seconds, a slow race is seen to by the clock.
    """
    settings(EXPECTED_WITHIN_SECONDS=300)
    world = World(store, admin)
    level = logger.log_level
    with inhabited(world):
        world.begin()
        logger.setLevel("CRITICAL")
        yield world
        logger.setLevel(level)
        invariants.check(world.items())


@pytest.fixture
def faults(store: Any, request: pytest.FixtureRequest) -> Faults:
    """The faults of one test, the same ones each time."""
    return Faults(store, zlib.crc32(request.node.nodeid.encode()))
