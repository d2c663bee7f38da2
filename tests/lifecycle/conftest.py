"""What every test of the lifecycle needs."""

import pytest

from tests.support.client import Client
from tests.support.shop import Shop


@pytest.fixture
def shop(acme: Client) -> Shop:
    """The partner acme and what it sells."""
    return Shop(acme)
