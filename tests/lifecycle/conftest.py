"""What every test of the lifecycle needs."""

import pytest

from tests.client import Client
from tests.shop import Shop


@pytest.fixture
def shop(acme: Client) -> Shop:
    """The partner acme and what it sells."""
    return Shop(acme)
