"""How committed events become entries of the bus."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.events import publishing
from functions.network.interface import DEPROVISIONING_REQUESTED
from functions.network.requests import NetworkRequest
from functions.shared.event import Event
from infra.local import environment
from tests.support.builders import NOW

ENVELOPE = 300
"""The bytes of an entry beside its detail, at most: its source, type and bus."""


def event(data: dict[str, Any], sequence: int = 3) -> Event:
    fields = {"id": "evt_1", "partner": "acme", "created_at": NOW, "type": "order.completed", "ttl": 1}
    return Event.model_validate(fields | {"sequence": sequence, "data": data})


def test_an_event_is_published_in_its_envelope() -> None:
    entry = publishing.entry_of(event({"order": {"id": "ord_1"}}))
    assert (entry["Source"], entry["DetailType"]) == ("mobile-orders", "order.completed")
    assert json.loads(entry["Detail"]) == {
        "id": "evt_1",
        "type": "order.completed",
        "partner": "acme",
        "created_at": "2026-03-10T12:00:00.000Z",
        "sequence": 3,
        "data": {"order": {"id": "ord_1"}},
    }


def test_the_network_gets_what_it_is_asked_and_nothing_around_it() -> None:
    asked = NetworkRequest(
        id="nrq_1", partner="acme", created_at=NOW, type=DEPROVISIONING_REQUESTED, data={"order_id": "ord_1"}, ttl=1
    )
    entry = publishing.entry_of(asked)
    assert (entry["Source"], entry["DetailType"]) == ("mobile-orders", "network.deprovisioning.requested")
    assert json.loads(entry["Detail"]) == {"order_id": "ord_1"}


def test_what_the_network_is_asked_is_not_on_the_bus_of_partners_events() -> None:
    asked = NetworkRequest(id="nrq_1", partner="acme", created_at=NOW, type=DEPROVISIONING_REQUESTED, data={}, ttl=1)
    buses = [publishing.entry_of(each).get("EventBusName") for each in (event({}), asked)]
    assert buses == [environment.BUS, environment.NETWORK_BUS]


def test_an_event_that_is_too_large_carries_ids_and_links() -> None:
    order = {"id": "ord_1", "status": "completed", "_links": {"self": {"href": "http://x/orders/ord_1"}}}
    entry = publishing.entry_of(event({"order": order | {"invoice": "é" * 100_000}}))
    assert json.loads(entry["Detail"])["data"] == {"order": order}


@given(st.lists(st.integers(1, publishing.MAX_DETAIL_BYTES), max_size=40))
def test_batches_are_what_put_events_takes(sizes: list[int]) -> None:
    entries: list[Any] = [(place, {"Detail": "x" * size}) for place, size in enumerate(sizes)]
    batches = list(publishing._batches(entries))
    assert [placed for batch in batches for placed in batch] == entries
    for batch in batches:
        assert 1 <= len(batch) <= 10
        assert sum(len(entry["Detail"]) + ENVELOPE for _, entry in batch) <= 256 * 1024
