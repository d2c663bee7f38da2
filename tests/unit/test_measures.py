"""What is measured of orders by their events."""

from datetime import timedelta
from typing import Any

import pytest

from functions.events import measures
from functions.orders.progress import ProgressSettings
from functions.shared.clock import iso
from functions.shared.event import Event
from functions.shared.metrics import Metric
from tests.support.builders import NOW, PARTNER

Measured = list[tuple[str, float, str | None]]
WITHIN = timedelta(seconds=ProgressSettings.load().expected_within_seconds)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """The metrics with their values, and what they are of."""
    made: Measured = []

    def measure(metric: Metric, value: float = 1, of: str | None = None) -> None:
        made.append((metric.name, value, of))

    monkeypatch.setattr(measures, "measure", measure)
    return made


def happened(event_type: str, **order: Any) -> None:
    """An event of an order that began to be fulfilled at ``NOW``, a second later."""
    told = {"id": "ord_1", "status": event_type.partition(".")[2], "expected_by": iso(NOW + WITHIN)} | order
    at = NOW + timedelta(seconds=1)
    measures.measure_event(
        Event(id="evt_1", partner=PARTNER, created_at=at, type=event_type, data={"order": told}, ttl=1)
    )


def test_a_completed_order_is_timed(measured: Measured) -> None:
    happened("order.completed", completed_at=iso(NOW + timedelta(milliseconds=500)))
    assert measured == [("OrdersCompleted", 1, None), ("OrderDuration", 0.5, None)]


def test_a_failed_order_by_its_code(measured: Measured) -> None:
    happened("order.failed", failure={"code": "network_timeout"})
    assert measured == [("OrdersFailed", 1, "network_timeout")]


@pytest.mark.parametrize(("expected_in", "late"), [(0, True), (1, False)])
def test_one_that_ends_after_it_was_expected(measured: Measured, expected_in: int, late: bool) -> None:
    happened("order.failed", expected_by=iso(NOW + timedelta(seconds=expected_in)))
    assert ("OrdersEndedLate", 1, "failed") in measured or not late
    assert len(measured) == 1 + late


def test_others_only_by_their_number(measured: Measured) -> None:
    for event_type in ("order.accepted", "order.delayed", "order.fulfilling", "subscription.active"):
        happened(event_type)
    assert measured == [("OrdersAccepted", 1, None), ("OrdersDelayed", 1, None)]


def test_what_cannot_be_measured_was_handled(measured: Measured) -> None:
    happened("order.completed")
    assert [name for name, _, _ in measured] == ["OrdersCompleted"]
