"""Each stage is synthesized once."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

# The CDK needs Node, which the virtual environment brings along; before the first import of aws_cdk.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

from infra.app import build
from tests.infra.template import Synthesized, Template
from tests.infra.template import synthesized as written

STAGES = ("dev", "prod")
ALARM_TOPIC = "arn:aws:sns:eu-west-1:111122223333:on-call"
"""Whom prod tells."""


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Synthesized]]:
    """Stage → what ``make synth`` writes of it."""

    @cache
    def synthesize(stage: str) -> Synthesized:
        told = {"alarm_topic": ALARM_TOPIC} if stage == "prod" else {}
        return written(build(stage, str(tmp_path_factory.mktemp(stage)), **told))

    yield synthesize
    synthesize.cache_clear()


@pytest.fixture(params=STAGES)
def synthesized(request: pytest.FixtureRequest, synthesize: Callable[[str], Synthesized]) -> Synthesized:
    """Each stage in turn."""
    return synthesize(request.param)


@pytest.fixture
def template(synthesized: Synthesized) -> Template:
    """The template of each stage in turn."""
    return synthesized.template


@pytest.fixture
def dev(synthesize: Callable[[str], Synthesized]) -> Template:
    """The template of the stage that has everything."""
    return synthesize("dev").template


@pytest.fixture
def prod(synthesize: Callable[[str], Synthesized]) -> Template:
    """The template of the stage that keeps its data."""
    return synthesize("prod").template
