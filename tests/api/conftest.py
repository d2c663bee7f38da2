"""What tests of several doors need."""

import pytest

from infra.local.system import System
from tests.support.client import Client
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop


@pytest.fixture
def foreign(shop: Shop, globex: Client) -> Shop:
    """The other partner."""
    return Shop(globex)


@pytest.fixture
def newcomer(system: System) -> Newcomer:
    """A partner without anything."""
    return Newcomer(system)
