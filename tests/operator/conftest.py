"""Partners who have nothing yet, and files."""

import pytest

from infra.local.system import System
from tests.support.newcomer import Newcomer


@pytest.fixture
def newcomer(system: System) -> Newcomer:
    """A partner with nothing."""
    return Newcomer(system)
