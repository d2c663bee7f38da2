"""What must hold after each thing that happens: the system is as the model says."""

from functions.subscriptions.search import holders
from functions.subscriptions.subscription import Subscription
from tests.model.lifecycle import Model
from tests.model.rules import ENDED, MAX_OPEN, OPEN
from tests.support.builders import PARTNER
from tests.support.store import Item
from tests.support.world import World

NOT_LINKED = ENDED | {"created"}


class Agreement:
    """The system and the model, side by side."""

    world: World
    model: Model

    def compare(self) -> None:
        """All of it."""
        self.the_orders_agree()
        self.the_subscriptions_agree()
        self.the_products_agree()
        self.the_sims_agree()

    def the_orders_agree(self) -> None:
        """Status, history, failure, events, what the network was asked to undo, and when the clock looks."""
        stored = {item["id"]: item for item in self.world.of_kind("order")}
        assert stored.keys() == self.model.orders.keys()
        published, asked = self.published()
        for order in self.model.orders.values():
            item = stored[order.id]
            assert item["status"] == order.status, order
            assert [entry["status"] for entry in item["history"]] == order.history
            failure = item.get("failure") and (item["failure"]["code"], item["failure"]["step"])
            assert failure == order.failure
            assert published.get(order.id, []) == order.events
            assert asked.count(order.id) == order.deprovisionings
            assert item.get("prepared", False) == order.prepared
            checked = not order.final and order.status != "scheduled"
            assert ("due_at" in item, "due_shard" in item) == (checked, checked)

    def the_subscriptions_agree(self) -> None:
        """Status, lock, what is scheduled, events."""
        stored = {item["id"]: item for item in self.world.of_kind("subscription")}
        assert stored.keys() == self.model.subscriptions.keys()
        published, _ = self.published()
        for subscription in self.model.subscriptions.values():
            item = stored[subscription.id]
            assert item["status"] == subscription.status
            assert item["lock"].get("exclusive") == subscription.exclusive
            assert set(item["lock"]["topups"]) == subscription.topups
            assert {one["order_id"] for one in item["lock"]["scheduled"]} == {
                order.id for order in self.model.scheduled(subscription.id)
            }
            assert published.get(subscription.id, []) == subscription.events
            assert ("ended_at" in item) == (subscription.status in ENDED)

    def the_products_agree(self) -> None:
        """Those that exist, their statuses and events; what the subscription knows of them."""
        stored = {item["id"]: item for item in self.world.of_kind("product")}
        published, _ = self.published()
        there = {product.id: product for one in self.model.subscriptions.values() for product in one.products}
        assert {name: item["status"] for name, item in stored.items()} == {
            product.id: product.status for product in there.values()
        }
        for product in there.values():
            assert published.get(product.id, []) == product.events
        for item in self.world.of_kind("subscription"):
            open_ids = {one.id for one in self.model.subscriptions[item["id"]].products if one.status in OPEN}
            assert {product["id"] for product in item["open_products"]} == open_ids
            assert len(open_ids) <= MAX_OPEN

    def the_sims_agree(self) -> None:
        """In stock, reserved, active, retired: the number of each; none is linked to two subscriptions."""
        sims = self.world.of_kind("sim_profile")
        statuses = [item["status"] for item in sims]
        assert (self.world.stock(), statuses.count("in_stock")) == (self.model.stock, self.model.stock)
        assert statuses.count("retired") == self.model.retired
        holders = {item["order_id"] for item in sims if item["status"] == "reserved"}
        assert holders == {order.id for order in self.model.orders.values() if order.has_sim}
        live = [item for item in self.world.of_kind("subscription") if item["status"] not in NOT_LINKED]
        linked = [item["sim_profile"]["id"] for item in live]
        assert sorted(linked) == sorted(item["id"] for item in sims if item["status"] == "active")
        self.subscriptions_are_found_by_every_sim(sims)

    def subscriptions_are_found_by_every_sim(self, sims: list[Item]) -> None:
        """By each that an order has linked to them, also those of the past; and by nothing else."""
        places = {
            item["id"]: Subscription.model_validate(item).sort_key() for item in self.world.of_kind("subscription")
        }
        linked = [(item["iccid"], item["subscription_id"]) for item in sims if item.get("subscription_id")]
        expected = {(holders(PARTNER, "iccid", iccid).pk, places[subscription_id]) for iccid, subscription_id in linked}
        assert {place for place in self.world.items if place[0].endswith("#subscriptions")} == expected

    def published(self) -> tuple[dict[str, list[str]], list[str]]:
        """The types of each resource's events, whose sequences have no gap; the orders that are to be deprovisioned."""
        events = sorted(self.world.of_kind("event"), key=lambda event: int(event["sequence"]))
        published: dict[str, list[str]] = {}
        for event in events:
            known = published.setdefault(event["data"][event["type"].partition(".")[0]]["id"], [])
            known.append(event["type"])
            assert event["sequence"] == len(known)
        return published, [asked["data"]["order_id"] for asked in self.world.of_kind("network_request")]
