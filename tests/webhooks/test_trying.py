"""``POST /webhooks/{id}/test``: an example is sent once."""

import json
from typing import Any

import pytest

from functions.shared.event import TYPES
from functions.shared.transaction import Transaction
from functions.webhooks.webhook import Webhook
from infra.openapi.examples import example_data
from tests.support.delivering import DOWN, Mail
from tests.support.description import check_event, document

NO_KEY = ""


def tried(mail: Mail, webhook: Webhook, body: Any = None, key: str = "a key") -> tuple[int, Any]:
    answer = mail.world.send_keyed("POST", f"/webhooks/{webhook.id}/test", body, key)
    mail.world.look()
    return answer["statusCode"], json.loads(answer["body"])


def test_it_is_sent_and_shown_and_in_no_log(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    status, delivery = tried(mail, webhook)
    assert (status, delivery["status"], delivery["test"], delivery["event_type"]) == (
        200,
        "delivered",
        True,
        "order.completed",
    )
    assert delivery["_links"].keys() == {"self", "webhook", "retry"}
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [204]
    assert mail.received == [(webhook.url, delivery["event_id"])]
    mail.rest()
    mail.move(days=1)
    assert len(mail.received) == 1
    assert mail.world.of_kind("event") == []
    assert [each.id for each in mail.deliveries(webhook)] == [delivery["id"]]


def test_one_that_fails_is_not_tried_again_and_counts_for_nothing(mail: Mail) -> None:
    webhook = mail.webhook("shop", lambda: DOWN)
    mail.rest()
    status, delivery = tried(mail, webhook)
    assert (status, delivery["status"]) == (200, "failed")
    assert "next_attempt_at" not in delivery
    mail.move(days=1)
    assert len(mail.received) == 1
    assert (mail.now(webhook).failing_since, mail.now(webhook).failures) == (None, 0)


def test_a_disabled_webhook_can_be_tried(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.change(webhook, lambda kept: kept.disable("partner"))
    assert tried(mail, webhook)[1]["status"] == "delivered"


def test_under_one_key_it_is_sent_once(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    mail.rest()
    assert tried(mail, webhook)[1] == tried(mail, webhook)[1]
    assert len(mail.received) == 1
    assert tried(mail, webhook, key="another key")[0] == 200
    assert len(mail.received) == 2


@pytest.mark.parametrize("event_type", TYPES)
def test_every_type_has_an_example_that_is_what_the_type_says(event_type: str) -> None:
    data = example_data(document())[event_type]
    envelope = {"id": "evt_1", "type": event_type, "created_at": "2026-03-10T12:00:00.000Z", "sequence": 1}
    check_event(envelope | {"data": data})
    status = next(iter(data.values())).get("status")
    if event_type.startswith(("order.", "subscription.", "phone_number.")) and event_type.count(".") == 1:
        assert status == {"order.delayed": "fulfilling"}.get(event_type, event_type.partition(".")[2])


def test_a_type_can_be_chosen_and_must_exist(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    assert tried(mail, webhook, {"type": "product.depleted"})[1]["event_type"] == "product.depleted"
    status, problem = tried(mail, webhook, {"type": "product.vanished"}, "another key")
    assert (status, [fault["pointer"] for fault in problem["errors"]]) == (400, ["$.type"])
    assert len(mail.received) == 1


def test_nobody_tries_what_is_not_there(mail: Mail) -> None:
    webhook = mail.webhook("shop")
    change = Transaction()
    change.delete(mail.now(webhook))
    change.commit()
    mail.world.look()
    assert tried(mail, webhook)[0] == 404
    assert mail.received == []
