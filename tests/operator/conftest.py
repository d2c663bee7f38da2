"""Partners who have nothing yet, files, and a stage that partners are let into."""

from collections.abc import Iterator

import pytest

from infra.local.system import System
from tests.operator.partner_stage import PartnerStage, on
from tests.support.newcomer import Newcomer


@pytest.fixture
def newcomer(system: System) -> Newcomer:
    """A partner with nothing."""
    return Newcomer(system)


@pytest.fixture(scope="session")
def deployed_stage(system: System) -> PartnerStage:
    """The stage, once for all tests of a process."""
    assert system
    return PartnerStage()


@pytest.fixture
def stage(deployed_stage: PartnerStage, capsys: pytest.CaptureFixture[str]) -> Iterator[PartnerStage]:
    """The stage, as the commands see it."""
    assert capsys
    with on(deployed_stage):
        yield deployed_stage
