"""Deliveries that are made from the log: for a webhook that is only just made, after trouble, and by replays."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.event import EVENTS_KEPT
from functions.shared.transaction import Transaction
from functions.webhooks import making, queue, replaying
from functions.webhooks.queue import Message
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook
from tests.support.builders import PARTNER
from tests.support.delivering import Mail


def events(mail: Mail, count: int) -> list[str]:
    return [mail.happen() for _ in range(count)]


def sent_to(mail: Mail, webhook: Webhook) -> list[str]:
    return sorted(delivery.event_id for delivery in mail.deliveries(webhook))


def test_a_webhook_misses_nothing_of_what_happens_while_it_is_made(mail: Mail) -> None:
    """It counts from a moment before its commit, and the stream may have passed on by then what happened since."""
    begun = mail.world.now
    missed = events(mail, 3)
    mail.rest()
    webhook = mail.webhook("shop")
    mail.change(webhook, lambda kept: setattr(kept, "enabled_at", begun))
    mail.rest()
    later = events(mail, 1)
    mail.rest()
    assert sent_to(mail, webhook) == missed + later
    assert len(mail.received) == 4


def test_it_gets_nothing_of_the_time_while_it_was_disabled(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    mail.change(webhook, lambda kept: kept.disable("partner"))
    events(mail, 2)
    mail.rest()
    mail.change(webhook, lambda kept: kept.enable(mail.world.now))
    mail.rest()
    (wanted,) = events(mail, 1)
    mail.rest()
    assert sent_to(mail, webhook) == [wanted]


def test_it_catches_up_page_by_page(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PAGE", 2)
    begun = mail.world.now
    missed = events(mail, 5)
    mail.rest()
    webhook = mail.webhook("shop")
    mail.change(webhook, lambda kept: setattr(kept, "enabled_at", begun))
    mail.rest()
    assert sent_to(mail, webhook) == missed


def test_what_the_stream_has_handed_over_is_made_by_a_worker(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    event = mail.happen()
    mail.world.undelivered.clear()
    queue.send([Message(PARTNER, event)])
    mail.work()
    assert [delivery.status for delivery in mail.deliveries(webhook)] == ["delivered"]


def replay(mail: Mail, webhook: Webhook, **fields: Any) -> Replay:
    """As its door makes it."""
    change = Transaction()
    span = {"since": change.at - EVENTS_KEPT, "until": change.at, "types": ["*"], "ttl": 0}
    moments = {"created_at": change.at, "due_at": change.at + timedelta(minutes=5)}
    made = Replay.model_validate(
        {"id": f"rpl_{len(mail.received)}", "partner": PARTNER, "webhook_id": webhook.id} | span | moments | fields
    )
    change.create(made)
    change.commit()
    mail.world.look()
    return made


def replays(mail: Mail) -> int:
    return len(mail.world.of_kind(Replay.KIND))


def test_a_replay_sends_each_event_once_more(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    wanted = events(mail, 3)
    mail.rest()
    replay(mail, webhook)
    mail.world.undelivered *= 2
    mail.rest()
    mail.move(minutes=10)
    assert sent_to(mail, webhook) == sorted(wanted * 2)
    assert [event for _, event in mail.received[3:]] == wanted
    assert {delivery.status for delivery in mail.deliveries(webhook)} == {"delivered"}
    assert replays(mail) == 0


def test_a_replay_takes_the_types_and_the_time_that_were_counted(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    events(mail, 1)
    start = mail.world.now
    wanted = events(mail, 2)
    mail.happen("order.completed")
    end = mail.world.now
    events(mail, 1)
    mail.rest()
    mail.received.clear()
    replay(mail, webhook, since=start, until=end, types=["product.*"])
    mail.rest()
    assert sorted(event for _, event in mail.received) == wanted


def test_only_one_page_of_a_replay_waits_beside_what_is_new(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PAGE", 2)
    webhook = mail.webhook("shop")
    old = events(mail, 5)
    mail.rest()
    made = replay(mail, webhook)
    for _ in range(3):
        replaying.go_on(made.partner, made.id)
        mail.world.look()
        assert len(mail.deliveries(webhook)) == len(old) + 2
    mail.lose_messages()
    mail.move(minutes=30)
    assert len(mail.deliveries(webhook)) == 2 * len(old)
    assert replays(mail) == 0


def test_a_replay_ends_with_its_webhook(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    events(mail, 1)
    mail.rest()
    replay(mail, webhook)
    mail.change(webhook, lambda kept: kept.disable("partner"))
    mail.rest()
    assert (len(mail.received), replays(mail)) == (1, 0)


def test_a_replay_whose_message_was_lost_is_found_by_the_clock(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    wanted = events(mail, 2)
    mail.rest()
    replay(mail, webhook)
    mail.stream()
    mail.lose_messages()
    mail.move(minutes=10)
    assert sent_to(mail, webhook) == sorted(wanted * 2)
    assert replays(mail) == 0
