"""Workers that want the same attempt, or more attempts than a webhook may have under way."""

import pytest

from functions.shared import clock, table
from functions.shared.event import Event
from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.webhooks import attempts
from functions.webhooks.delivery import Delivery
from functions.webhooks.slots import SLOTS
from functions.webhooks.webhook import Webhook
from infra.openapi.examples import example_data
from tests.races.racing import race_over
from tests.support.builders import PARTNER
from tests.support.description import document

pytestmark = pytest.mark.usefixtures("world")

WORKERS = 24
TYPE = "product.active"


def webhook(failures: int = 0) -> Webhook:
    change = Transaction()
    moments = {"created_at": change.at, "enabled_at": change.at}
    made = Webhook.model_validate(
        {"id": new_id("wbh"), "partner": PARTNER, "url": "https://x", "enabled_events": ["*"], "secrets": []} | moments
    )
    made.failures = failures
    change.create(made)
    change.commit()
    return made


def delivery(at: Webhook) -> str:
    """The id of a delivery of an event of its own."""
    change = Transaction()
    event_id = new_id("evt")
    blank = {"partner": PARTNER, "created_at": change.at, "ttl": 0}
    event = Event.model_validate(
        {"id": event_id, "type": TYPE, "sequence": 1, "data": example_data(document())[TYPE]} | blank
    )
    made = Delivery.of(event, at.id, new_id("dlv"), clock.now())
    change.create(event)
    change.create(made)
    change.commit()
    return made.id


def forget(event_id: str) -> None:
    """What it is about is not in this world."""
    event = table.read(Event, PARTNER, event_id)
    assert event is not None
    change = Transaction()
    change.delete(event)
    change.commit()


def claimed(deliveries: list[str]) -> list[str]:
    """Whose attempts are claimed by workers that all begin at once."""
    claims = race_over(lambda each: attempts.claim(PARTNER, each), deliveries)
    for event_id in {delivery.event_id for each in deliveries if (delivery := table.read(Delivery, PARTNER, each))}:
        forget(event_id)
    return [claim.delivery.id for claim in claims if claim is not None]


def test_one_worker_makes_an_attempt() -> None:
    wanted = delivery(webhook())
    assert claimed([wanted] * WORKERS) == [wanted]


def test_a_webhook_has_no_more_attempts_under_way_than_its_share() -> None:
    hook = webhook()
    taken = claimed([delivery(hook) for _ in range(WORKERS)])
    assert len(taken) == len(set(taken)) == SLOTS


def test_one_that_rests_has_one() -> None:
    hook = webhook(failures=20)
    assert len(claimed([delivery(hook) for _ in range(WORKERS)])) == 1
