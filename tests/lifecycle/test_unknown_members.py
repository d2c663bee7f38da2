"""Members that only newer code knows survive what older code does, during a deployment say (docs/architecture.md)."""

from typing import Any

from functions.orders.order import Order
from functions.shared.marshal import marshal
from functions.shared.records import Record, whole
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.newer_code import NEW, of_newer_code
from tests.support.timeline import Timeline
from tests.support.world import TABLE


def rewrite(line: Timeline, model: type[Record]) -> None:
    """Let newer code have written every record of a kind."""
    items = [item for item in line.world.items.values() if item.get("kind") == model.KIND]
    puts = [{"TableName": TABLE, "Item": marshal(of_newer_code(model.from_item(item)))} for item in items]
    line.world.store.transact_write_items(TransactItems=[{"Put": put} for put in puts])
    line.world.look()


def kept(line: Timeline, model: type[Record], record_id: str) -> Any:
    """All that is stored of a record."""
    return whole(line.world.items[f"acme#{record_id}", model.KIND])


def test_an_order_is_carried_out(line: Timeline) -> None:
    line.halted = True
    rewrite(line, SimProfile)
    subscription_id = line.subscribe("extra")
    rewrite(line, Order)
    line.halted = False
    line.rest()
    (order,) = line.world.of_kind("order")
    assert order["status"] == "completed"
    allowance = order["lines"][0]["offering"]["allowances"][0]
    history = order["history"]
    assert all(part["new_member"] == NEW["new_member"] for part in (order, order["lines"][0], allowance, history[0]))
    assert "new_member" not in history[-1], "which older code has made"
    for product in line.world.of_kind("product"):
        assert product["offering"]["new_member"] == NEW["new_member"]
    subscription = kept(line, Subscription, subscription_id)
    sim = kept(line, SimProfile, subscription["sim_profile"]["id"])
    assert subscription["sim_profile"]["new_member"] == sim["new_member"] == NEW["new_member"]
    rewrite(line, Subscription)
    line.act(f"/subscriptions/{subscription_id}/suspend")
    line.place(bodies.cancellation(subscription_id))
    subscription = kept(line, Subscription, subscription_id)
    assert subscription["status"] == "canceled"
    assert subscription["new_member"] == subscription["sim_profile"]["new_member"] == NEW["new_member"]
    assert "new_member" not in str(line.world.get(f"/orders/{order['id']}"))
    assert not [event for event in line.world.of_kind("event") if "new_member" in str(event)]
