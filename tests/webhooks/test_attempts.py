"""Who makes an attempt, and what of the webhook and the event holds for it."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared import table
from functions.shared.dynamodb import Conflict
from functions.shared.transaction import Transaction
from functions.webhooks import attempts, sending
from functions.webhooks.delivery import LEASE, Delivery
from functions.webhooks.slots import SLOTS, Slot
from functions.webhooks.webhook import Webhook
from tests.support.delivering import DOWN, OK, Mail


def waiting(mail: Mail, webhook: Webhook, count: int = 1) -> list[Delivery]:
    """So many deliveries that nobody has tried."""
    mail.rest()
    for _ in range(count):
        mail.happen()
    mail.stream()
    mail.lose_messages()
    return mail.deliveries(webhook)


def finish(mail: Mail, claimed: attempts.Claim) -> None:
    attempts.record(claimed, *sending.attempt(claimed.webhook, claimed.event, 1))
    mail.world.look()


def test_nobody_else_makes_an_attempt_that_is_under_way(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    mail.claim(delivery)
    assert attempts.claim(delivery.partner, delivery.id) is None


def test_what_a_dead_worker_had_begun_is_begun_again(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    mail.claim(delivery)
    mail.move(minutes=2)
    assert mail.now(delivery).status == "delivered"
    assert len(mail.received) == 1


def test_a_worker_whose_lease_has_ended_changes_nothing(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    slow = mail.claim(delivery)
    mail.world.now += LEASE + timedelta(seconds=1)
    mail.claim(delivery)
    before = mail.now(delivery)
    finish(mail, slow)
    assert mail.now(delivery) == before


def test_a_lease_goes_by_the_machine_and_not_by_the_sandbox(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    slow = mail.claim(delivery)
    mail.jumped = timedelta(days=2)
    mail.world.now += mail.jumped
    mail.world.run_clock()
    mail.work()
    assert mail.received == []
    finish(mail, slow)
    assert mail.now(delivery).status == "delivered"


def test_a_webhook_has_its_share_of_attempts_under_way(mail: Mail) -> None:
    shop, other = mail.webhook("shop"), mail.webhook("other")
    deliveries = waiting(mail, shop, SLOTS + 2)
    claims = [mail.claim(delivery) for delivery in deliveries[:SLOTS]]
    for delivery in deliveries[SLOTS:]:
        assert attempts.claim(delivery.partner, delivery.id) is None
        mail.world.look()
    assert [mail.now(delivery).waiting for delivery in deliveries] == [False] * SLOTS + [True] * 2
    mail.claim(mail.deliveries(other)[0])
    finish(mail, claims[0])
    mail.work()
    assert {mail.now(delivery).status for delivery in deliveries[SLOTS:]} == {"delivered"}


def test_what_was_read_of_a_slot_does_not_replace_a_later_attempts(mail: Mail) -> None:
    """A delivery that wants to wait for an attempt, which has ended meanwhile, and the next one has begun there."""
    *first, following, waits = waiting(mail, mail.webhook("shop"), SLOTS + 2)
    ended, *_ = [mail.claim(delivery) for delivery in first]
    read = table.read(Slot, ended.slot.partner, ended.slot.id)
    assert read is not None
    finish(mail, ended)
    claimed = mail.claim(following)
    assert claimed.slot.id == read.id
    change = Transaction()
    read.awaited_by = waits.id
    change.update(read)
    with pytest.raises(Conflict):
        change.commit()
    finish(mail, claimed)
    assert table.read(Slot, read.partner, read.id) is None


def test_the_slots_of_dead_workers_come_free(mail: Mail) -> None:
    deliveries = waiting(mail, mail.webhook("shop"), SLOTS + 1)
    for delivery in deliveries[:SLOTS]:
        mail.claim(delivery)
    attempts.claim(deliveries[-1].partner, deliveries[-1].id)
    mail.move(minutes=10)
    assert {mail.now(delivery).status for delivery in deliveries} == {"delivered"}


def test_a_patch_holds_from_the_next_attempt_on(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    mail.endpoints["https://moved.example.com"] = lambda: OK
    mail.change(webhook, lambda kept: setattr(kept, "url", "https://moved.example.com"))
    mail.move(minutes=1)
    assert [url for url, _ in mail.received] == [webhook.url, "https://moved.example.com"]


def disabled(mail: Mail, webhook: Webhook) -> None:
    mail.change(webhook, lambda kept: kept.disable("partner"))


def enabled_again(mail: Mail, webhook: Webhook) -> None:
    disabled(mail, webhook)
    mail.change(webhook, lambda kept: kept.enable(mail.world.now))


def deleted(mail: Mail, webhook: Webhook) -> None:
    change = Transaction()
    change.delete(mail.now(webhook))
    change.commit()
    mail.world.look()


@pytest.mark.parametrize("ends", [disabled, enabled_again, deleted])
def test_what_waits_ends_with_its_webhook(mail: Mail, ends: Any) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    ends(mail, webhook)
    mail.move(hours=1)
    (delivery,) = mail.deliveries(webhook)
    assert (delivery.status, delivery.next_attempt_at, delivery.due_at) == ("failed", None, None)
    assert len(mail.received) == 1


def test_an_event_that_is_no_longer_kept_is_not_sent(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    mail.world.now += timedelta(days=90, seconds=1)
    mail.world.run_clock()
    mail.rest()
    now = mail.now(delivery)
    assert (now.status, [attempt.error for attempt in now.attempts]) == ("failed", ["event_expired"])
    assert mail.received == []


def ask(mail: Mail, delivery: Delivery) -> None:
    """As the door of retries does."""
    change = Transaction()
    kept = mail.now(delivery)
    kept.ask(change.at)
    change.update(kept)
    change.commit()
    mail.world.look()


def test_an_attempt_that_was_asked_for_stands_beside_the_schedule(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    mail.move(seconds=30)
    before = mail.deliveries(webhook)[0]
    for _ in range(2):
        ask(mail, before)
    mail.rest()
    after = mail.now(before)
    assert len(after.attempts) == len(before.attempts) + 2
    assert (after.status, after.next_attempt_at, after.due_at) == ("pending", *[before.next_attempt_at] * 2)
    mail.move(days=4)
    assert (mail.now(before).status, len(mail.now(before).attempts)) == ("failed", 12)


def test_one_that_was_asked_for_delivers_and_ends_the_schedule(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.happen()
    mail.rest()
    mail.endpoints[webhook.url] = lambda: OK
    (delivery,) = mail.deliveries(webhook)
    ask(mail, delivery)
    mail.rest()
    after = mail.now(delivery)
    assert (after.status, after.next_attempt_at, after.due_at) == ("delivered", None, None)


def test_one_that_was_asked_for_in_the_middle_of_another_is_not_lost(mail: Mail) -> None:
    (delivery,) = waiting(mail, mail.webhook("shop"))
    claimed = mail.claim(delivery)
    ask(mail, delivery)
    mail.rest()
    assert mail.received == []
    finish(mail, claimed)
    mail.rest()
    assert len(mail.now(delivery).attempts) == 2
