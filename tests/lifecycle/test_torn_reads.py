"""A subscription is read before its numbers: what changes in between is noticed, and begun again."""

from typing import Any

from functions.events import reports
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.subscriptions import store
from infra.local.patches import replaced
from tests.support.builders import PARTNER
from tests.support.timeline import Timeline

PATIENCE_SECONDS = 5.0


def give_number(subscription_id: str) -> str:
    """The id of a number that the subscription has from now on."""
    subscription = store.load(PARTNER, subscription_id)
    assert subscription is not None
    subscription.give_number("+491512345678", "DE")
    change = Transaction(subscription.at)
    change.save(subscription)
    change.commit()
    return subscription.root.phone_numbers[0].id


def test_two_reports_of_a_termination_at_once(line: Timeline) -> None:
    """Of a subscription whose products have ended, so that they do not tell it."""
    subscription = line.subscribe()
    number = give_number(subscription)
    line.act(f"/products/{line.products(subscription)['monthly'].id}/cancel", {"cancellation_mode": "immediate"})
    details = [{"id": each, "partner": PARTNER, "subscription_id": subscription} for each in ("first", "second")]
    first, second = ({"detail-type": "network.terminated", "detail": detail} for detail in details)
    read = table.read_all
    overtaken: list[bool] = []

    def read_late(*asked: Any) -> Any:
        if not overtaken:
            overtaken.append(True)
            reports.handler(first, None)
        return read(*asked)

    patient = replaced(table, "PATIENCE_SECONDS", lambda _: PATIENCE_SECONDS)
    with patient, replaced(table, "read_all", lambda _: read_late):
        reports.handler(second, None)
    line.world.look()
    assert line.event_types_of(number) == ["phone_number.active", "phone_number.terminated"]
    assert line.event_types_of(subscription)[-1] == "subscription.terminated"
