"""Deliveries as their partner sees them, retries and replays (contract §8, deliveries)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared import log, table
from functions.shared.clock import iso
from functions.shared.event import EVENTS_KEPT
from functions.webhooks import redeliver
from functions.webhooks.delivery import Attempt, Delivery, Lease
from functions.webhooks.replay import Replay
from tests.support.builders import PARTNER
from tests.support.endpoints import Endpoints
from tests.support.timeline import Timeline

INVALID_STATE = [("invalid_state", "$.status")]


@pytest.fixture
def webhook(endpoints: Endpoints) -> str:
    return str(endpoints.make(enabled_events=["*"])["id"])


def stored(delivery: str) -> Delivery:
    found = table.read(Delivery, PARTNER, delivery)
    assert found is not None
    return found


def retried(endpoints: Endpoints, webhook: str, delivery: str, key: str = "") -> Any:
    return endpoints.ask("POST", f"/webhooks/{webhook}/deliveries/{delivery}/retry", {}, key)


def attempts(endpoints: Endpoints, count: int) -> list[Attempt]:
    return [
        Attempt(number=number, at=endpoints.world.now, duration_ms=1, error="timeout") for number in range(1, count + 1)
    ]


def test_a_delivery_is_shown_with_its_attempts(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook, "evt_a", attempts=attempts(endpoints, 2))
    shown = endpoints.get(f"/webhooks/{webhook}/deliveries/{made}")
    assert (shown["id"], shown["event_id"], shown["status"]) == (made, "evt_a", "pending")
    assert [attempt["number"] for attempt in shown["attempts"]] == [1, 2]
    assert shown["_links"].keys() == {"self", "event", "webhook", "retry"}
    assert endpoints.deliveries(webhook) == [shown]


def test_filters_combine(endpoints: Endpoints, webhook: str) -> None:
    failed = endpoints.deliver(webhook, "evt_a", status="failed")
    done = endpoints.deliver(webhook, "evt_a", status="delivered")
    other = endpoints.deliver(webhook, "evt_b", status="failed")
    endpoints.deliver(str(endpoints.make()["id"]), "evt_a", status="failed")
    for query, found in {
        "": [other, done, failed],
        "?status=failed": [other, failed],
        "?event-id=evt_a": [done, failed],
        "?event-id=evt_a&status=failed": [failed],
        "?event-id=evt_c": [],
    }.items():
        assert [each["id"] for each in endpoints.deliveries(webhook, query)] == found, query
    assert endpoints.ask("GET", f"/webhooks/{webhook}/deliveries?status=lost").status == 400


def test_others_deliveries_are_not_found_under_a_webhook(endpoints: Endpoints, webhook: str) -> None:
    theirs = endpoints.deliver(str(endpoints.make()["id"]))
    path = f"/webhooks/{webhook}/deliveries/{theirs}"
    assert endpoints.ask("GET", path).status == 404
    assert endpoints.ask("POST", f"{path}/retry").status == 404


def test_it_is_kept_for_30_days(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook)
    endpoints.world.now += timedelta(days=30) - timedelta(seconds=2)
    assert [each["id"] for each in endpoints.deliveries(webhook)] == [made]
    endpoints.world.now += timedelta(seconds=2)
    assert endpoints.deliveries(webhook) == []
    assert endpoints.ask("GET", f"/webhooks/{webhook}/deliveries/{made}").status == 404


def test_disabling_ends_what_waits_at_once_and_for_good(endpoints: Endpoints, webhook: str) -> None:
    """What the background has not written yet is shown as it will be."""
    waiting, done = endpoints.deliver(webhook, "evt_a"), endpoints.deliver(webhook, "evt_b", status="delivered")
    endpoints.edit(webhook, status="disabled")
    for _ in range(2):
        shown = endpoints.get(f"/webhooks/{webhook}/deliveries/{waiting}")
        assert (shown["status"], "next_attempt_at" in shown) == ("failed", False)
        assert [each["id"] for each in endpoints.deliveries(webhook, "?status=failed")] == [waiting]
        assert endpoints.deliveries(webhook, "?status=pending") == []
        assert [each["id"] for each in endpoints.deliveries(webhook, "?status=delivered")] == [done]
        endpoints.edit(webhook, status="enabled")
    later = endpoints.deliver(webhook, "evt_c")
    assert [each["id"] for each in endpoints.deliveries(webhook, "?status=pending")] == [later]


@pytest.mark.parametrize("status", ["pending", "delivered", "failed"])
def test_a_retry_is_one_attempt_more_beside_the_schedule(endpoints: Endpoints, webhook: str, status: str) -> None:
    made = endpoints.deliver(webhook, status=status)
    before = stored(made)
    answer = retried(endpoints, webhook, made)
    assert (answer.status, answer.body["id"], answer.body["status"]) == (202, made, status)
    now = stored(made)
    assert (now.asked, now.stage, now.next_attempt_at) == (1, "asked", before.next_attempt_at)
    assert now.due_at is not None
    assert now.due_at < endpoints.world.now
    assert endpoints.world.undelivered[-1]["dynamodb"]["NewImage"]["stage"] == {"S": "asked"}


def test_a_second_retry_is_a_second_attempt_and_under_a_key_it_is_not(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook)
    first = retried(endpoints, webhook, made, "one")
    assert retried(endpoints, webhook, made, "one").body == first.body
    assert stored(made).asked == 1
    retried(endpoints, webhook, made, "two")
    retried(endpoints, webhook, made)
    assert stored(made).asked == 3


def test_a_delivery_takes_at_most_50_attempts(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook, attempts=attempts(endpoints, 47), asked=10, asked_done=9)
    for _ in range(2):
        assert retried(endpoints, webhook, made).status == 202
    assert retried(endpoints, webhook, made).faults() == [("invalid_state", None)]
    sent = Lease(holder="somebody", asked=False, until=endpoints.world.now)
    busy = endpoints.deliver(webhook, "evt_b", attempts=attempts(endpoints, 49), lease=sent)
    assert retried(endpoints, webhook, busy).faults() == [("invalid_state", None)]


def test_a_test_is_tried_once(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook, test=True, status="failed")
    assert retried(endpoints, webhook, made).faults() == [("invalid_state", None)]
    shown = endpoints.get(f"/webhooks/{webhook}/deliveries/{made}")
    assert (shown["test"], "event" in shown["_links"]) == (True, False)


def test_while_disabled_nothing_is_sent_again(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook)
    endpoints.edit(webhook, status="disabled")
    assert retried(endpoints, webhook, made).faults() == INVALID_STATE
    asked = {"since": iso(endpoints.world.now)}
    assert endpoints.ask("POST", f"/webhooks/{webhook}/replay", asked).faults() == INVALID_STATE


def test_what_disabling_has_ended_can_be_retried_when_it_is_enabled_again(endpoints: Endpoints, webhook: str) -> None:
    made = endpoints.deliver(webhook)
    for status in ("disabled", "enabled"):
        endpoints.edit(webhook, status=status)
    assert retried(endpoints, webhook, made).body["status"] == "failed"
    now = stored(made)
    assert (now.status, now.next_attempt_at, now.asked) == ("failed", None, 1)


def replayed(endpoints: Endpoints, webhook: str, **body: Any) -> Any:
    return endpoints.ask("POST", f"/webhooks/{webhook}/replay", body)


def replays(endpoints: Endpoints) -> list[dict[str, Any]]:
    return endpoints.world.of_kind(Replay.KIND)


def test_a_replay_counts_the_events_of_its_time_that_the_webhook_takes(line: Timeline, endpoints: Endpoints) -> None:
    webhook = str(endpoints.make(enabled_events=["order.*", "product.active"])["id"])
    line.subscribe()
    began = line.world.now
    line.subscribe("extra")
    ended = line.world.now
    line.subscribe()
    events = [each for each in line.world.of_kind("event") if iso(began) <= each["created_at"] < iso(ended)]
    taken = [each for each in events if each["type"].startswith("order.") or each["type"] == "product.active"]
    assert 0 < len(taken) < len(events)
    answer = replayed(endpoints, webhook, since=iso(began), until=iso(ended))
    assert (answer.status, answer.body) == (202, {"deliveries": len(taken)})
    (kept,) = replays(endpoints)
    assert (kept["webhook_id"], kept["since"], kept["until"]) == (webhook, iso(began), iso(ended))
    assert kept["types"] == ["order.*", "product.active"]
    endpoints.edit(webhook, enabled_events=["*"])
    assert replayed(endpoints, webhook, since=iso(began), until=iso(ended)).body == {"deliveries": len(events)}


def test_it_ends_now_and_begins_90_days_ago_at_most(line: Timeline, endpoints: Endpoints, webhook: str) -> None:
    line.subscribe()
    answer = replayed(endpoints, webhook, since="1990-01-01T00:00:00+02:00", until="2090-01-01T00:00:00Z")
    asked_at = endpoints.world.now - timedelta(seconds=1)
    (kept,) = replays(endpoints)
    assert answer.body == {"deliveries": len(line.world.of_kind("event"))}
    assert (kept["since"], kept["until"]) == (iso(asked_at - EVENTS_KEPT), iso(asked_at))


def test_a_replay_of_nothing_leaves_nothing_to_do(endpoints: Endpoints, webhook: str) -> None:
    for body in ({"since": "2090-01-01T00:00:00Z"}, {"since": iso(endpoints.world.now)}):
        assert replayed(endpoints, webhook, **body).body == {"deliveries": 0}
    assert replays(endpoints) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "$.since"),
        ({"since": "2026-03-10"}, "$.since"),
        ({"since": "2026-03-10T00:00:00Z", "until": "2026-03-10T01:00:00+01:00"}, "$.until"),
        ({"since": "2026-03-10T00:00:00Z", "to": "2026-03-10T00:00:00Z"}, "$.to"),
    ],
)
def test_a_time_that_is_none(endpoints: Endpoints, webhook: str, body: dict[str, str], pointer: str) -> None:
    assert replayed(endpoints, webhook, **body).faults() == [("constraint_validation_error", pointer)]


def test_too_many_events_are_refused(
    line: Timeline, endpoints: Endpoints, webhook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.subscribe()
    since, count = "2026-01-01T00:00:00Z", len(line.world.of_kind("event"))
    monkeypatch.setattr(redeliver, "MAX_EVENTS", count - 1)
    assert replayed(endpoints, webhook, since=since).faults() == [("too_large", "$.since")]
    monkeypatch.setattr(redeliver, "MAX_EVENTS", count)
    monkeypatch.setattr(log, "COUNTING_SECONDS", -1.0)
    assert replayed(endpoints, webhook, since=since).faults() == [("too_large", "$.since")]
    assert replays(endpoints) == []
    monkeypatch.undo()
    assert replayed(endpoints, webhook, since=since).body == {"deliveries": count}


def test_counting_stops_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def pages(*_: Any) -> Any:
        for number in range(3):
            read.append(number)
            yield 4_000

    monkeypatch.setattr(log, "counted", pages)
    assert log.count("acme", (None, None), ["*"], at_most=10_000) is None
    assert read == [0, 1, 2]
