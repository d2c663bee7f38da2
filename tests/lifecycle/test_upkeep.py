"""What is due for products happens once, no matter who applies it, and how many at once (contract §6, time)."""

from datetime import timedelta
from itertools import repeat
from typing import Any

import pytest

from functions.shared import dynamodb, table
from functions.shared.records import Found
from functions.shared.transaction import Transaction
from functions.subscriptions import store
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.commits import counted
from tests.support.timeline import Timeline, after

DAY = timedelta(days=1)


def subscribe(line: Timeline) -> str:
    """With a plan, and one add-on each that renews, ends, starts and expires."""
    addons = bodies.addons("monthly extra", "extra") + bodies.addons("extra 2", mode="first_usage")
    start_at = (line.world.now + 40 * DAY).isoformat()
    addons += bodies.addons("extra 3", mode="scheduled", start_at=start_at)
    return line.subscribe(products=bodies.sold("monthly") | {"addons": addons})


def statuses(line: Timeline, subscription: str) -> dict[str, tuple[str, int]]:
    """Status and cycle of each product."""
    return {name: (product.status, product.cycle) for name, product in line.products(subscription).items()}


YEAR_AFTER = {
    "monthly": ("active", 13),
    "monthly extra": ("active", 13),
    "extra": ("terminated", 1),
    "extra 2": ("expired", 1),
    "extra 3": ("terminated", 1),
}


@pytest.mark.parametrize("steps", [1, 3, 100])
def test_it_makes_no_difference_when_it_is_applied(line: Timeline, steps: int) -> None:
    subscription = subscribe(line)
    for _ in range(steps):
        line.skip_to(line.world.now + 366 * DAY / steps)
        store.up_to_date(PARTNER, subscription)
    line.world.look()
    assert statuses(line, subscription) == YEAR_AFTER
    plan = line.products(subscription)["monthly"]
    assert plan.started_at is not None
    assert plan.billing_cycle_end_at == after(plan.started_at, 13)
    assert line.event_types_of(plan.id) == ["product.active", *["product.renewed"] * 12]
    for name, events in (("extra", ["active", "terminated"]), ("extra 2", ["expired"])):
        assert line.event_types_of(line.products(subscription)[name].id) == [f"product.{event}" for event in events]


def apply_next(subscription: str) -> None:
    """Apply what is due first, as somebody does who looks after the subscription."""
    other = store.load(PARTNER, subscription)
    if other is not None and other.catch_up():
        change = Transaction(other.at)
        change.save(other)
        change.commit()


def test_two_updates_at_once(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time the one has read the subscription, the other one is done before it has read the products."""
    subscription = subscribe(line)
    read_all = table.read_all
    busy: list[str] = []

    def interrupted(partner: str, wanted: Any, keys: Any = ()) -> Found:
        if not busy:
            busy.append("the other one")
            apply_next(subscription)
            busy.clear()
        return read_all(partner, wanted, keys)

    monkeypatch.setattr(table, "read_all", interrupted)
    monkeypatch.setattr(table, "PATIENCE_SECONDS", 5.0)
    monkeypatch.setattr(dynamodb, "pauses", lambda **_: repeat(0.0))
    line.skip_to(line.world.now + 366 * DAY)
    table.retry_on_conflict(lambda: store.up_to_date(PARTNER, subscription))
    monkeypatch.undo()
    line.world.look()
    assert statuses(line, subscription) == YEAR_AFTER
    for product in line.products(subscription).values():
        assert len(line.event_types_of(product.id)) == {"monthly": 13, "monthly extra": 13, "extra 2": 1}.get(
            product.offering.name, 2
        )


@pytest.mark.parametrize(
    ("plan", "addons", "then"),
    [("30 days", ("extra", "messages"), "terminated"), ("monthly", ("monthly extra", "monthly messages"), "active")],
)
def test_forty_things_at_one_instant_are_one_transaction(
    line: Timeline, monkeypatch: pytest.MonkeyPatch, *, plan: str, addons: tuple[str, str], then: str
) -> None:
    """31 products end or are renewed, and nine start."""
    subscription = line.subscribe(*[addons[0]] * 15, *[addons[1]] * 15, plan=plan)
    due = line.subscription(subscription).due_changes()[0].moment
    later = bodies.addons(*["extra 3"] * 9, mode="scheduled", start_at=due.isoformat())
    line.place(bodies.topup(subscription, products={"addons": later}))
    assert {change.moment for change in line.subscription(subscription).due_changes()} == {due}
    written = counted(monkeypatch)
    line.move_to(due)
    assert written == [81]
    products = [item for item in line.world.of_kind("product") if item["subscription_id"] == subscription]
    assert sorted(item["status"] for item in products) == sorted([then] * 31 + ["active"] * 9)
