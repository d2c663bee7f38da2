"""Each call of AWS on the way of a delivery fails, before or after its effect: the event arrives all the same."""

import pytest

from functions.webhooks.delivery import Delivery
from tests.support.counted_calls import Calls
from tests.support.delivering import Mail

WAY = [
    "query",  # the partner's webhooks
    "put_item",  # the delivery
    "put_events",
    "send_message_batch",
    "get_item",  # the claim
    "batch_get_item",
    "transact_write_items",
    "batch_get_item",  # the record
    "transact_write_items",
]


def deliver(mail: Mail, calls: Calls) -> Delivery:
    """One event to one webhook, with these calls."""
    webhook = mail.webhook("shop")
    mail.rest()
    mail.happen()
    mail.calls = calls
    mail.rest()
    mail.move(hours=1)
    (delivery,) = mail.deliveries(webhook)
    return delivery


def test_a_delivery_takes_these_calls(mail: Mail) -> None:
    calls = Calls()
    delivery = deliver(mail, calls)
    assert calls.made == WAY
    assert delivery.status == "delivered"
    assert [attempt.number for attempt in delivery.attempts] == [1]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", range(len(WAY)), ids=[f"{number} {name}" for number, name in enumerate(WAY)])
def test_it_arrives_whatever_call_fails(mail: Mail, place: int, after: bool) -> None:
    delivery = deliver(mail, Calls(place, after=after))
    assert delivery.status == "delivered"
    assert delivery.due_at is None
    assert [attempt.number for attempt in delivery.attempts] == [1]
    sent = len(mail.received)
    # Only where the attempt was made and could not be recorded, it is made once more.
    assert sent == (2 if place in {7, 8} and not (place == 8 and after) else 1)
    assert mail.slots() == 0
