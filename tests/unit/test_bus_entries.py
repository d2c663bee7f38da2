"""How committed events become entries of the bus."""

import json
from typing import Any

import pytest
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


def test_text_is_sent_in_as_many_bytes_as_it_has() -> None:
    """An order's size was reckoned so."""
    asked = NetworkRequest(
        id="nrq_1", partner="acme", created_at=NOW, type=DEPROVISIONING_REQUESTED, data={"name": "Zürich"}, ttl=1
    )
    assert publishing.entry_of(asked)["Detail"] == '{"name": "Zürich"}'


def test_what_the_network_is_asked_is_not_on_the_bus_of_partners_events() -> None:
    asked = NetworkRequest(id="nrq_1", partner="acme", created_at=NOW, type=DEPROVISIONING_REQUESTED, data={}, ttl=1)
    buses = [publishing.entry_of(each).get("EventBusName") for each in (event({}), asked)]
    assert buses == [environment.BUS, environment.NETWORK_BUS]


@pytest.mark.parametrize(("more", "whole"), [(0, True), (1, False)])
def test_the_largest_event_that_is_published_whole(more: int, whole: bool) -> None:
    """Its size is that of its text in UTF-8."""
    room = publishing.MAX_DETAIL_BYTES - len(publishing.entry_of(event({"order": {"id": "ord_1", "x": ""}}))["Detail"])
    order = {"id": "ord_1", "x": "é" * (room // 2) + "x" * (room % 2 + more)}
    shown = json.loads(publishing.entry_of(event({"order": order}))["Detail"])["data"]["order"]
    assert shown == (order if whole else {"id": "ord_1"})


def test_an_event_that_is_too_large_carries_ids_and_links() -> None:
    """Of its resource; what else it says is small, and whole."""
    product = {"id": "prd_1", "status": "active", "_links": {"self": {"href": "http://x/products/prd_1"}}}
    threshold = {"allowance_type": "data", "percentage": 80}
    entry = publishing.entry_of(event({"product": product | {"prices": "é" * 100_000}, "threshold": threshold}))
    assert json.loads(entry["Detail"])["data"] == {"product": product, "threshold": threshold}


@given(st.lists(st.integers(1, publishing.MAX_DETAIL_BYTES), max_size=40))
def test_batches_are_what_put_events_takes(sizes: list[int]) -> None:
    entries: list[Any] = [(place, {"Detail": "x" * size}) for place, size in enumerate(sizes)]
    batches = list(publishing._batches(entries))
    assert [placed for batch in batches for placed in batch] == entries
    for batch in batches:
        assert 1 <= len(batch) <= 10
        assert sum(len(entry["Detail"]) + ENVELOPE for _, entry in batch) <= 256 * 1024


def test_a_batch_is_as_large_as_a_request_may_be() -> None:
    """Every one, also after the first."""
    most = publishing.MAX_DETAIL_BYTES
    rest = publishing.MAX_REQUEST_BYTES - most
    entries: list[Any] = [({}, {"Detail": "x" * size}) for size in (most, rest, most, rest, most, rest + 1)]
    assert [len(batch) for batch in publishing._batches(entries)] == [2, 2, 1, 1]
