"""What the stream's function does for webhooks, and that one partner's trouble holds nobody up."""

import pytest

from functions.shared import table
from functions.shared.event import Event
from functions.webhooks import fan_out
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook
from tests.support.builders import NOW, webhook
from tests.unit.stream_records import Outside, event, failed, hand_over, order, record


@pytest.fixture
def outside(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside.webhooks = [
        webhook("wbh_all"),
        webhook("wbh_orders", enabled_events=["order.*"]),
        webhook("wbh_off", status="disabled"),
    ]
    monkeypatch.setattr(table, "put_new", outside.made.append)
    return outside


def test_each_webhook_that_wants_an_event_gets_one_delivery(outside: Outside) -> None:
    hand_over(event("evt_1"), event("evt_1"))
    assert {delivery.webhook_id for delivery in outside.made} == {"wbh_all"}
    assert len({delivery.id for delivery in outside.made}) == 1, "made again, it is the same"
    assert outside.queued == [delivery.id for delivery in outside.made]


def test_an_event_from_before_a_webhook_was_enabled_is_not_sent_to_it(outside: Outside) -> None:
    outside.webhooks = [webhook("wbh_late", enabled_at=NOW.replace(year=2027))]
    hand_over(event("evt_1"))
    assert (outside.made, outside.queued) == ([], [])


def test_the_webhooks_of_a_partner_are_read_once_for_a_batch(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def none(partner: str) -> list[Webhook]:
        asked.append(partner)
        return []

    monkeypatch.setattr(fan_out, "all_webhooks", none)
    hand_over(*(event(f"evt_{number}") for number in range(20)))
    assert asked == ["acme"]


def test_one_partners_trouble_is_handed_over_and_holds_nobody_up(outside: Outside) -> None:
    outside.failures["acme"] = failed("ProvisionedThroughputExceededException")
    other = Event(id="evt_2", partner="globex", created_at=NOW, type="product.active", sequence=1, ttl=1, data={})
    assert hand_over(event("evt_1"), record(other.item()), event("evt_3")) is None
    assert outside.published == ["evt_1", "evt_2", "evt_3"]
    assert [delivery.event_id for delivery in outside.made] == ["evt_2"]
    assert {"evt_1", "evt_3"} < set(outside.queued)


def test_a_partner_that_takes_too_long_is_handed_over(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "FAIR_SECONDS", 0.0)
    assert hand_over(event("evt_1")) is None
    assert outside.queued == ["evt_1"]


def test_an_event_that_can_be_neither_delivered_nor_handed_over_comes_again(outside: Outside) -> None:
    outside.failures |= {"acme": failed("ThrottlingException"), "webhooks": failed("ThrottlingException")}
    assert hand_over(event("evt_1"), event("evt_2")) == "evt_1"


def test_deliveries_are_sent_though_a_record_behind_their_event_comes_again(outside: Outside) -> None:
    outside.failures["ord_1"] = failed("ThrottlingException")
    assert hand_over(event("evt_1"), order("ord_1"), event("evt_2")) == "ord_1"
    assert [delivery.event_id for delivery in outside.made] == ["evt_1"]
    assert outside.queued == [delivery.id for delivery in outside.made]


def test_messages_that_are_not_taken_are_left_to_the_clock(outside: Outside) -> None:
    outside.failures["webhooks"] = failed("ThrottlingException")
    assert hand_over(event("evt_1")) is None
    assert outside.made[0].due_at is not None


def test_an_answer_that_names_failed_messages_is_believed(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"Failed": [{"Id": "0", "Code": "ThrottlingException"}]}
    monkeypatch.setattr(outside, "send_message_batch", lambda **_: refused)
    outside.failures["acme"] = failed("ThrottlingException")
    assert hand_over(event("evt_1")) is not None


def test_a_new_webhook_and_a_replay_are_passed_on(outside: Outside) -> None:
    made = webhook("wbh_new")
    span = {"since": NOW, "until": NOW, "types": [], "ttl": 1}
    replay = Replay.model_validate({"id": "rpl_1", "partner": "acme", "created_at": NOW, "webhook_id": "wbh_1"} | span)
    hand_over(record(made.item() | {"version": 1}), record(replay.item() | {"version": 1}))
    assert outside.queued == ["wbh_new", "rpl_1"]
