"""When a delivery is tried, and when no more."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks import schedule
from functions.webhooks.post import Outcome
from tests.support.builders import NOW
from tests.support.delivering import DOWN, OK, Mail

SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
BUSY = Outcome(status_code=503, error="http_status", duration_ms=1, retry_after=3_600)


@given(st.integers(1, 9), st.integers(0, 3_600))
def test_a_pause_grows_with_the_failures_and_obeys_a_longer_wish(failed: int, asked: int) -> None:
    at = schedule.next_attempt(failed, NOW, timedelta(seconds=asked))
    assert at is not None
    planned = SECONDS[failed - 1]
    assert max(planned, asked) <= (at - NOW).total_seconds() <= max(planned * 1.1, asked)


def test_after_the_tenth_attempt_there_is_none() -> None:
    assert schedule.next_attempt(10, NOW) is None


def test_deliveries_that_failed_together_do_not_come_back_together() -> None:
    assert len({schedule.next_attempt(9, NOW) for _ in range(20)}) > 10


def test_a_delivery_is_tried_ten_times_over_days_and_then_failed(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    mail.move(days=4)
    (delivery,) = mail.deliveries(webhook)
    assert delivery.status == "failed"
    assert (delivery.next_attempt_at, delivery.due_at) == (None, None)
    moments = [attempt.at for attempt in delivery.attempts]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert [attempt.number for attempt in delivery.attempts] == list(range(1, 11))
    for pause, planned in zip(pauses, SECONDS, strict=True):
        assert planned <= pause <= planned * 1.1 + 60


def test_it_is_delivered_as_soon_as_the_endpoint_is_back(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    mail.move(hours=1)
    mail.endpoints[webhook.url] = lambda: OK
    mail.move(hours=3)
    (delivery,) = mail.deliveries(webhook)
    assert delivery.status == "delivered"
    assert [attempt.error for attempt in delivery.attempts] == ["connection"] * 4 + [None]
    assert delivery.delivered_at is not None


def test_an_endpoint_may_ask_for_a_longer_pause(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: BUSY)
    mail.happen()
    mail.rest()
    (delivery,) = mail.deliveries(webhook)
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at - delivery.attempts[0].at >= timedelta(hours=1)


def test_a_lost_message_costs_minutes(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    mail.happen()
    mail.stream()
    mail.lose_messages()
    mail.move(minutes=6)
    assert [delivery.status for delivery in mail.deliveries(webhook)] == ["delivered"]


@pytest.mark.parametrize("copies", [2, 5])
def test_a_message_that_comes_again_sends_nothing(mail: Mail, copies: int) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    mail.happen()
    records = list(mail.world.undelivered)
    for _ in range(copies):
        mail.world.undelivered[:] = records
        mail.rest()
    assert len(mail.received) == len(mail.deliveries(webhook)) == 1
