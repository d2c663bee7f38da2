"""Webhooks without a network."""

from collections.abc import Iterator

import pytest

from tests.support.delivering import Mail, delivering


@pytest.fixture
def mail() -> Iterator[Mail]:
    """A partner's webhooks, the queue and the endpoints."""
    with delivering() as mail:
        yield mail
