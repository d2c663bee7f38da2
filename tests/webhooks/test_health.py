"""Endpoints that fail: they rest, and after five days they are disabled."""

from datetime import timedelta

from functions.shared import metrics
from functions.shared.event import Event
from functions.webhooks import attempts
from functions.webhooks.delivery import Attempt
from functions.webhooks.post import Outcome
from functions.webhooks.slots import SLOTS
from functions.webhooks.webhook import RESTS_AFTER, Webhook, show_webhook
from tests.support.delivering import DOWN, OK, Mail
from tests.support.log import recorded
from tests.support.signals import rings

FIVE_DAYS = timedelta(days=5)


def failing(mail: Mail, events: int = 20) -> Webhook:
    """A webhook after so many failed attempts, each of another event."""
    webhook = mail.webhook("dead", lambda: DOWN, "product.active")
    mail.rest()
    for _ in range(events):
        mail.happen()
        mail.rest()
    now: Webhook = mail.now(webhook)
    return now


def test_the_first_failure_since_the_last_success_is_remembered(mail: Mail) -> None:
    webhook = failing(mail, events=2)
    first = mail.deliveries(webhook)[0].attempts[0].at
    assert (webhook.failing_since, webhook.due_at) == (first, first + FIVE_DAYS)
    mail.endpoints[webhook.url] = lambda: OK
    mail.move(minutes=1)
    assert (mail.now(webhook).failing_since, mail.now(webhook).due_at, mail.now(webhook).failures) == (None, None, 0)


def test_after_twenty_failures_it_rests_and_is_tried_one_at_a_time(mail: Mail) -> None:
    webhook = failing(mail)
    assert webhook.rests
    mail.happen()
    mail.happen()
    mail.stream()
    mail.lose_messages()
    one, other = mail.deliveries(webhook)[-2:]
    mail.claim(one)
    assert attempts.claim(other.partner, other.id) is None
    mail.world.look()
    assert mail.now(other).waiting


def test_one_that_rests_says_so(mail: Mail) -> None:
    webhook = failing(mail, events=2)
    assert "resting" not in show_webhook(webhook)
    webhook.failures = RESTS_AFTER
    assert show_webhook(webhook)["resting"] is True
    webhook.disable("partner")
    assert "resting" not in show_webhook(webhook)


def test_one_that_rests_rings_whenever_it_fails(mail: Mail) -> None:
    with recorded(here=True) as log:
        webhook = failing(mail, events=3)
        assert not rings("webhooks-resting", log)
        while not mail.now(webhook).rests:
            mail.happen()
            mail.rest()
        assert rings("webhooks-resting", log)
    mail.endpoints[webhook.url] = lambda: OK
    with recorded(here=True) as log:
        mail.move(minutes=1)
    assert log.measured(metrics.WEBHOOKS_RESTING) == []


def test_each_delivery_is_counted_once_it_has_come_to_its_end(mail: Mail) -> None:
    with recorded(here=True) as log:
        webhook = failing(mail, events=2)
        assert log.measured(metrics.WEBHOOK_DELIVERIES) == []
        mail.endpoints[webhook.url] = lambda: OK
        mail.move(minutes=1)
        assert log.measured(metrics.WEBHOOK_DELIVERIES, "delivered") == [1, 1]


def test_those_that_wait_are_tried_one_after_the_other(mail: Mail) -> None:
    webhook = failing(mail)
    under_way: list[int] = []

    def answer() -> Outcome:
        mail.world.look()
        under_way.append(mail.slots())
        return DOWN

    mail.endpoints[webhook.url] = answer
    events = [mail.happen() for _ in range(5)]
    mail.rest()
    assert set(events) <= {event for _, event in mail.received}
    assert set(under_way) == {1}


def test_the_first_success_lets_all_go_on(mail: Mail) -> None:
    webhook = failing(mail)
    count = SLOTS + 4
    for _ in range(count):
        mail.happen()
    mail.stream()
    waiting = mail.deliveries(webhook)[-count:]
    mail.lose_messages()
    probe = mail.claim(waiting[0])
    for delivery in waiting[1:]:
        attempts.claim(delivery.partner, delivery.id)
        mail.world.look()
    mail.endpoints[webhook.url] = lambda: OK
    attempts.record(probe, *_succeed(probe))
    mail.world.look()
    started = mail.world.now
    mail.work()
    assert {mail.now(delivery).status for delivery in waiting} == {"delivered"}
    assert mail.world.now - started < timedelta(minutes=1)


def _succeed(probe: attempts.Claim) -> tuple[Attempt, timedelta]:
    return Attempt(number=1, at=probe.delivery.created_at, duration_ms=1, status_code=204), timedelta()


def test_five_days_of_nothing_but_failure_disable_it_at_that_moment(mail: Mail) -> None:
    other = mail.webhook("other", lambda: OK, "webhook.disabled")
    webhook = failing(mail, events=1)
    assert webhook.failing_since is not None
    mail.move_to(webhook.failing_since + FIVE_DAYS - timedelta(seconds=10))
    assert mail.now(webhook).status == "enabled"
    assert {delivery.status for delivery in mail.deliveries(webhook)} == {"failed"}, "nothing waits any more"
    mail.move(seconds=30)
    disabled = mail.now(webhook)
    assert (disabled.status, disabled.disabled_reason, disabled.due_at) == ("disabled", "failing", None)
    (told,) = mail.deliveries(other)
    assert (told.event_type, told.status) == ("webhook.disabled", "delivered")
    event = mail.now(
        Event(id=told.event_id, partner=told.partner, created_at=told.created_at, type="", data={}, sequence=1, ttl=0)
    )
    assert (event.sequence, event.data["webhook"]["id"], event.data["webhook"]["status"]) == (1, webhook.id, "disabled")
    assert abs(event.created_at - webhook.failing_since - FIVE_DAYS) < timedelta(seconds=10)


def test_a_success_within_the_five_days_starts_them_anew(mail: Mail) -> None:
    webhook = failing(mail, events=1)
    mail.endpoints[webhook.url] = lambda: OK
    mail.move(days=4)
    mail.endpoints[webhook.url] = lambda: DOWN
    mail.happen()
    mail.rest()
    mail.move(days=4)
    assert mail.now(webhook).status == "enabled"
    mail.move(days=2)
    assert mail.now(webhook).status == "disabled"
