"""What has become of everything once a fault is over, and what must hold of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from functions.events.clock import PUT_OFF
from functions.shared.records import whole
from functions.webhooks.delivery import Delivery
from functions.webhooks.schedule import PAUSES
from functions.webhooks.slots import Slot
from tests.faults.life import Life
from tests.races import invariants
from tests.support.store import Item

MOVING = {"accepted", "fulfilling"}
SHOWN: dict[str, tuple[str, ...]] = {
    "order": ("type", "status", "failure"),
    "subscription": ("status", "location"),
    "product": ("offering", "status", "balances"),
    "sim_profile": ("status", "profile_status", "sim_type"),
    "reservation": ("order_id",),
    "phone_number": ("msisdn", "status"),
    "offering": ("id", "name"),
    "account": ("name",),
    "subscriber": ("first_name",),
    "webhook": ("url", "status", "disabled_reason"),
    "webhook_count": ("count",),
    "delivery": ("status", "event_type", "test"),
    "replay": (),
    "network_report": ("left", "waiting"),
}
"""What is compared of each kind of record: all that does not hang on when it happened."""
Outcome = Counter[str]


def outcome(life: Life) -> Outcome:
    """What is there, and which events there were; without ids and moments, so that two runs can be compared."""
    found: Outcome = Counter()
    for kind, members in SHOWN.items():
        for item in life.line.world.of_kind(kind):
            found[f"{kind}: " + ", ".join(f"{name} {_shown(item, name)}" for name in members)] += 1
    remembered = sum(name == "idempotency" for _, name in life.line.world.items)
    found["remembered, more than asked for"] = remembered - len(life.answers)
    for event in life.line.world.of_kind("event"):
        if event["type"] != "order.delayed":
            found[f"event {event['type']}"] += 1
    return found


def ends_of_orders(found: Outcome) -> Outcome:
    """What has become of the orders alone."""
    return Counter({line: count for line, count in found.items() if line.startswith("order: ")})


def ends(life: Life) -> Sequence[datetime]:
    """When orders became final, or began to wait."""
    return sorted(datetime.fromisoformat(order["history"][-1]["at"]) for order in life.line.world.of_kind("order"))


def check(life: Life) -> None:
    """Assert what holds after every fault."""
    items = [whole(item) for item in life.line.world.items.values()]
    invariants.check(items)
    world = life.line.world
    assert [order["id"] for order in world.of_kind("order") if order["status"] in MOVING] == [], "orders that hang"
    assert world.undelivered == [] == life.inboxes.withheld
    assert life.set_aside == [], "records of the stream were given up on"
    life.line.skip_to(life.now + 2 * PUT_OFF)
    life.tick()
    assert life.published == {event["id"] for event in world.of_kind("event")}, "events that the bus has not got"
    assert world.executions.in_state("prepare", "provision", "complete", "undo") == []
    _nothing_is_held(life)
    _requests_are_answered_once(life)
    _orders_are_found(life)


def _nothing_is_held(life: Life) -> None:
    world = life.line.world
    waiting = {order["id"] for order in world.of_kind("order") if order["status"] in {"scheduled", "on_hold"}}
    held = [
        sim for sim in world.of_kind("sim_profile") if sim["status"] == "reserved" and not sim.get("reservation_id")
    ]
    assert {sim["order_id"] for sim in held} <= waiting, "SIMs that no order uses"
    leases = [Slot.from_item(item).until for item in world.items.values() if item.get("kind") == Slot.KIND]
    assert [until for until in leases if until > life.now] == [], "slots that no delivery uses"
    deliveries = world.of_kind(Delivery.KIND)
    assert {each["status"] for each in deliveries} <= {"delivered", "failed"}
    assert {each["event_id"] for each in deliveries if each["status"] == "delivered"} <= set(life.received)
    for each in map(Delivery.model_validate, deliveries):
        assert len(each.attempts) - each.asked_done <= len(PAUSES) + 1, "more attempts than the schedule has"
        assert sum(attempt.error is None for attempt in each.attempts) == (each.status == "delivered")


def _requests_are_answered_once(life: Life) -> None:
    """Under a key, the answer is always the first one."""
    for answers in life.answers.values():
        assert answers.count(answers[0]) == len(answers), answers


def _orders_are_found(life: Life) -> None:
    """By its reference; and no second one may have it."""
    for order in life.line.world.of_kind("order"):
        if reference := order.get("reference"):
            found = life.line.world.get(f"/orders?reference={reference}")["_embedded"]["orders"]
            assert [each["id"] for each in found] == [order["id"]]


def _shown(item: Item, name: str) -> Any:
    value = item.get(name)
    if name == "status" and item.get("test"):
        return "of a test, which is tried once"
    if isinstance(value, dict):
        return value.get("name") or value.get("code") or value.get("current_country")
    if isinstance(value, list):
        return [tuple(each.get(name) for name in ("type", "remaining", "spent")) for each in value]
    return value
