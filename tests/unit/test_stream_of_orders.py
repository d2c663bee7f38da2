"""What the stream's function makes of the events of orders: which order goes next, what is logged and measured."""

from typing import Any

import pytest

from functions.events.publishing import BusSettings
from functions.orders import progress
from functions.shared.dynamodb import Throttled
from functions.shared.event import Event
from functions.shared.metrics import ORDERS_ACCEPTED
from functions.webhooks.queue import QueueSettings
from tests.support.builders import NOW
from tests.support.log import recorded
from tests.unit.stream_records import Outside, event, hand_over, order, record

Item = dict[str, Any]
SUBSCRIPTION = {"subscription": {"id": "subs_1"}}
TOPUP: Item = {"order": {"id": "ord_1", "type": "topup_subscription", "_embedded": SUBSCRIPTION}}


def happened(name: str, event_type: str, data: Item, partner: str = "acme") -> Item:
    made = Event(id=name, partner=partner, created_at=NOW, type=event_type, sequence=1, ttl=1, data=data)
    return record(made.item())


def accepted(number: int, partner: str = "acme") -> Item:
    return happened(f"evt_{number}", "order.accepted", {"order": {"id": f"ord_{number}"}}, partner)


@pytest.mark.parametrize(
    ("event_type", "data", "goes_on"),
    [
        ("order.completed", TOPUP, True),
        ("order.failed", TOPUP, True),
        ("order.canceled", TOPUP, True),
        ("subscription.canceled", SUBSCRIPTION, True),
        ("subscription.terminated", SUBSCRIPTION, True),
        ("order.accepted", TOPUP, False),
        ("order.fulfilling", TOPUP, False),
        ("order.completed", {"order": TOPUP["order"] | {"type": "activate_subscription"}}, False),
        ("order.failed", {"order": {"id": "ord_1", "type": "topup_subscription"}}, False),
        ("subscription.active", SUBSCRIPTION, False),
    ],
)
def test_the_next_order_on_a_subscription_goes_once_one_has_ended(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, event_type: str, data: Item, goes_on: bool
) -> None:
    """Or the subscription itself has: its orders are canceled one by one. None waits for a new subscription."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(progress, "advance_next", lambda *whose: asked.append(whose))
    assert hand_over(happened("evt_1", event_type, data)) is None
    assert outside.published == ["evt_1"]
    assert asked == [("acme", "subs_1")] * goes_on


@pytest.mark.parametrize(
    ("made", "about"), [(order("ord_1"), {"order_id": "ord_1"}), (event("evt_1"), {"event_id": "evt_1"})]
)
def test_lines_name_the_partner_and_what_they_are_about(outside: Outside, made: Item, about: Item) -> None:
    outside.failures |= dict.fromkeys(("ord_1", "acme", "webhooks"), Throttled())
    with recorded(here=True) as log:
        hand_over(made)
    assert len(log.of(message="A record of the stream comes again.", partner="acme", **about)) == 1


def test_what_is_measured_names_the_partner_and_what_it_is_about(outside: Outside) -> None:
    with recorded(here=True) as log:
        assert hand_over(accepted(1), accepted(2, "globex"), order("ord_3")) is None
    assert log.measured(ORDERS_ACCEPTED, partner="acme", event_id="evt_1", order_id="ord_1") == [1]
    assert log.measured(ORDERS_ACCEPTED, partner="globex", event_id="evt_2", order_id="ord_2") == [1]


def test_what_was_handled_before_a_record_that_comes_again_is_measured(outside: Outside) -> None:
    outside.failures["ord_3"] = Throttled()
    with recorded(here=True) as log:
        assert hand_over(accepted(1), accepted(2), order("ord_3"), accepted(4)) == "ord_3"
    assert log.measured(ORDERS_ACCEPTED) == [1, 1]


@pytest.mark.parametrize("settings", [BusSettings, QueueSettings])
def test_a_setting_that_is_missing_is_no_records_fault(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, settings: type[BusSettings | QueueSettings]
) -> None:
    def missing() -> Any:
        raise RuntimeError("not set")

    monkeypatch.setattr(settings, "load", missing)
    with pytest.raises(RuntimeError, match="not set"):
        hand_over(event("evt_1"), order("ord_1"))
    assert (outside.calls, outside.moved, outside.set_aside) == ([], [], [])
