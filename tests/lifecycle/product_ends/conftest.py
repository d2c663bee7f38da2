"""A subscription whose products renew on different days."""

import pytest

from tests.lifecycle.product_ends.ends import DAY, EXTRA, top_up
from tests.support.timeline import Timeline


@pytest.fixture
def subscription(line: Timeline) -> str:
    """One with a plan and an add-on that both renew, ten days apart."""
    found = line.subscribe()
    line.move_to(line.world.now + 10 * DAY)
    top_up(line, found, EXTRA)
    return found
