"""What tests of several doors need."""

import pytest

from tests.support.client import Client
from tests.support.shop import Shop


@pytest.fixture
def foreign(shop: Shop, globex: Client) -> Shop:
    """The other partner."""
    return Shop(globex)
