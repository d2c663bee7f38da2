"""Every type of event of the contract happens, as it is named there (contract §8)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.event import TYPES
from functions.shared.transaction import Transaction
from tests.support import bodies
from tests.support.builders import MONTH, allowance, offering
from tests.support.description import check_bus_entry
from tests.support.endpoints import Endpoints
from tests.support.timeline import Timeline

DAY = timedelta(days=1)


@pytest.fixture
def on_the_bus(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The types of what has been put on the bus, each entry of which is as its schema says."""
    types, put = set[str](), line.world.put_events

    def checked(*, Entries: list[Any]) -> Any:  # noqa: N803 - boto3's name
        for entry in Entries:
            if not entry["DetailType"].startswith("network."):
                check_bus_entry(entry)
                types.add(entry["DetailType"])
        return put(Entries=Entries)

    monkeypatch.setattr(line.world, "put_events", checked)
    return types


def published(line: Timeline) -> set[str]:
    return {str(event["type"]) for event in line.world.of_kind("event")}


def orders_that_wait_fail_or_are_late(line: Timeline, subscription_id: str) -> None:
    day = (line.world.now + 3 * DAY).date().isoformat()
    schedule = {"mode": "specific_date", "effective_at": day}
    waits = line.place(bodies.cancellation(subscription_id, schedule=schedule))
    line.act(f"/orders/{waits}/cancel")
    line.subscribe(on_hold_condition="porting")
    line.move_to(line.world.now + 31 * DAY)
    line.network = "rejects"
    line.place(bodies.swap(subscription_id))
    line.network = "busy"
    late = line.place(bodies.topup(subscription_id, products=bodies.sold("monthly")))
    line.move_to(line.world.now + timedelta(minutes=10))
    line.network = "accepts"
    line.accept(late)


def products_through_their_lives(line: Timeline, subscription_id: str) -> None:
    for addon in ("extra", "messages"):
        line.place(bodies.topup(subscription_id, addon))
    line.place(bodies.topup(subscription_id, "messages", mode="first_usage"))
    canceled = line.products(subscription_id)["monthly"]
    line.report("usage", subscription_id, allowance_type="data", amount=10**15, country="DE")
    line.place(bodies.topup(subscription_id, "extra 3"))
    line.move_to(line.world.now + 366 * DAY)
    line.act(f"/products/{canceled.id}/cancel", {"cancellation_mode": "immediate"})


def what_the_network_sees(line: Timeline, subscription_id: str) -> None:
    sim = line.subscription(subscription_id).sim_profile.id
    for seen in ("sim_installed", "sim_deleted"):
        line.report(seen, subscription_id, sim_profile_id=sim)
    line.report("country_changed", subscription_id, country="FR")


def test_each_type_happens(line: Timeline, on_the_bus: set[str]) -> None:
    change = Transaction()
    numbered = offering("with number", "plan", validity=MONTH, phone_number_country="DE", allowances=[allowance()])
    change.create(numbered)
    change.commit()
    line.world.look()
    line.network = "busy"
    order = line.place(line.activation(plan=numbered.id))
    line.world.executions.send_task_success(taskToken=order, output='{"msisdn": "+491700000001"}')
    line.network = "accepts"
    line.rest()
    mine = line.order(order).subscription_id
    orders_that_wait_fail_or_are_late(line, mine)
    what_the_network_sees(line, mine)
    products_through_their_lives(line, line.subscribe())
    for action in ("deactivate", "resume", "grace", "suspend"):
        line.act(f"/subscriptions/{mine}/{action}")
    line.place(bodies.cancellation(mine))
    line.report("terminated", line.subscribe())
    endpoints = Endpoints(line.world)
    endpoints.ask("PATCH", f"/webhooks/{endpoints.make()['id']}", {"status": "disabled"})
    line.rest()
    assert sorted(published(line)) == sorted(on_the_bus) == sorted(TYPES)
