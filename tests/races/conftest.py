"""A world over DynamoDB Local for each test, and what goes wrong in it."""

import zlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from functions.shared import aws
from functions.shared.observability import logger
from tests.races import invariants
from tests.races.dynamodb_local import dynamodb_local
from tests.races.faults import Faults
from tests.races.world import World, inhabited


@pytest.fixture(scope="session")
def store() -> Iterator[Any]:
    """A client of DynamoDB Local that behaves as the functions' own."""
    with dynamodb_local() as url:
        client = boto3.client("dynamodb", endpoint_url=url, config=aws.CLIENT.merge(Config(max_pool_connections=100)))
        yield client
        client.close()


@pytest.fixture
def world(store: Any) -> Iterator[World]:
    """A new world, quiet about the failures it is full of; whatever a test does, it leaves a sound table."""
    world = World(store)
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
