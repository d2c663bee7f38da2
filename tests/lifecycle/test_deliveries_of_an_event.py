"""The deliveries of one event to a webhook, a page at a time (contract §8, deliveries)."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.shared.ids import new_id
from functions.webhooks.delivery import first_delivery_id
from tests.support.endpoints import Endpoints


@pytest.fixture
def webhook(endpoints: Endpoints) -> str:
    return str(endpoints.make(enabled_events=["*"])["id"])


def href(page: dict[str, Any], name: str) -> str:
    url: str = page["_links"].get(name, {}).get("href", "")
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_an_events_deliveries_are_its_first_and_those_of_replays(
    endpoints: Endpoints, webhook: str, limit: int
) -> None:
    """The first may be the youngest: the queue made it late."""
    event = new_id("evt")
    first = first_delivery_id(webhook, event)
    endpoints.deliver(webhook, new_id("evt"))
    made = []
    for members in ({}, {"id": first}, {}):
        endpoints.world.now += timedelta(seconds=1)
        made.append(members.get("id", endpoints.deliver(webhook, event, **members)))
    path = f"/webhooks/{webhook}/deliveries?event-id={event}&limit={limit}"
    walked, pages = [], []
    while path:
        page = endpoints.get(path)
        pages.append(page)
        walked += [each["id"] for each in page["_embedded"]["deliveries"]]
        path = href(page, "next")
    assert walked == made[::-1]
    for before, after in pairwise(pages):
        assert endpoints.get(href(after, "prev"))["_embedded"] == before["_embedded"]
    assert [each["id"] for each in endpoints.deliveries(webhook)][:3] == made[::-1]
