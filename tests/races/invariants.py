"""What holds of the whole table at any moment at which nobody writes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from functions.network.requests import NetworkRequest
from functions.orders.kind import kind_of
from functions.orders.order import Order
from functions.products.product import Product
from functions.shared.event import Event
from functions.shared.records import Record
from functions.shared.search_keys import SearchMember
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.search import entry_key, holders
from functions.subscriptions.subscription import Subscription
from functions.webhooks.webhook import Webhook
from tests.support.builders import PARTNER

Item = dict[str, Any]

PUBLISHING = (Order, Subscription, Product, PhoneNumber, Webhook)
"""The kinds of records that have events."""
MODELS = (*PUBLISHING, SimProfile, Reservation, Event, NetworkRequest)
WORKING = {"accepted", "fulfilling"}
MAX_OPEN_PRODUCTS = 40


class Shelf:
    """One partner's records by kind and id, and the table's guards."""

    def __init__(self, items: Iterable[Item], partner: str = PARTNER) -> None:
        self.items = list(items)
        self.partner = partner
        self._models = {model.KIND: model for model in MODELS}
        mine = (item for item in self.items if item["pk"].startswith(f"{partner}#"))
        known = [item for item in mine if item.get("kind") in self._models]
        self._records = [self._models[item["kind"]].model_validate(item) for item in known]

    def of(self, model: type[Any]) -> dict[str, Any]:
        """The records of one kind."""
        return {record.id: record for record in self._records if isinstance(record, model)}

    def events(self) -> list[Event]:
        """The events that were published."""
        return list(self.of(Event).values())

    def guards(self, kind: str) -> list[Item]:
        """The items of a kind that are no records."""
        return [item for item in self.items if item["sk"] == kind]

    def partition(self, name: str) -> list[Item]:
        """The entries of a list in the table itself."""
        return [item for item in self.items if item["pk"] == f"{self.partner}#{name}"]


def check(items: Iterable[Item], partner: str = PARTNER) -> Shelf:
    """Everything that must hold of the items of a partner."""
    shelf = Shelf(items, partner)
    for rule in (_orders_are_listed, _names_lead_to_orders, _events_have_no_gap, _histories_were_published):
        rule(shelf)
    for rule in (_locks_are_held_by_who_works, _no_sim_twice, _stock_is_what_is_in_stock, _reservations_are_held):
        rule(shelf)
    _subscriptions_are_found(shelf)
    for rule in (_balances_add_up, _products_are_known, _orders_made_all_or_nothing, _nothing_is_stuck):
        rule(shelf)
    return shelf


def _orders_are_listed(shelf: Shelf) -> None:
    listed = {entry["sk"] for entry in shelf.partition("orders")}
    assert listed == {order.sort_key() for order in shelf.of(Order).values()}


def _subscriptions_are_found(shelf: Shelf) -> None:
    """By every SIM and number that they have or have had, and by nothing else."""
    subscriptions = shelf.of(Subscription)
    sims = [sim for sim in shelf.of(SimProfile).values() if sim.subscription_id]
    linked: list[tuple[SearchMember, str, str]] = [("iccid", sim.iccid, sim.subscription_id) for sim in sims]
    linked += [("msisdn", given.msisdn, given.subscription_id) for given in shelf.of(PhoneNumber).values()]
    entries = {(item["pk"], item["sk"]) for item in shelf.items if item["pk"].endswith("#subscriptions")}
    assert entries == {
        entry_key(holders(shelf.partner, member, value), subscriptions[subscription_id])
        for member, value, subscription_id in linked
    }


def _names_lead_to_orders(shelf: Shelf) -> None:
    orders = shelf.of(Order)
    references = {guard["order_id"]: guard["pk"].partition("#reference#")[2] for guard in shelf.guards("reference")}
    assert references == {order.id: order.reference for order in orders.values() if order.reference}
    answers = [guard["headers"]["Location"] for guard in shelf.guards("idempotency") if "Location" in guard["headers"]]
    placed = [answer.rpartition("/")[2] for answer in answers if "/orders/" in answer]
    assert set(placed) <= set(orders)
    assert _no_repeats(placed)


def _events_have_no_gap(shelf: Shelf) -> None:
    published: dict[str, list[int]] = {}
    for event in shelf.of(Event).values():
        published.setdefault(next(iter(event.data.values()))["id"], []).append(event.sequence)
    counted = {record.id: record.sequence for model in PUBLISHING for record in shelf.of(model).values()}
    assert {name: sorted(numbers) for name, numbers in published.items()} == {
        name: list(range(1, last + 1)) for name, last in counted.items() if last
    }


def _histories_were_published(shelf: Shelf) -> None:
    events = [event for event in shelf.of(Event).values() if "order" in event.data]
    for order in shelf.of(Order).values():
        mine = [event for event in events if event.data["order"]["id"] == order.id and event.type != "order.delayed"]
        published = [event.type for event in sorted(mine, key=_sequence) if event.type.startswith("order.")]
        assert published == [f"order.{entry.status}" for entry in order.history]
        assert order.history[-1].status == order.status


def _locks_are_held_by_who_works(shelf: Shelf) -> None:
    """Held by every order that is being carried out, and by no other; never by one alone and others beside it."""
    working = [order for order in shelf.of(Order).values() if order.status in WORKING and not order.on_hold_condition]
    for subscription in shelf.of(Subscription).values():
        mine = [order for order in working if order.subscription_id == subscription.id]
        lock = subscription.lock
        waiting = {scheduled.order_id for scheduled in lock.scheduled}
        assert ([subscription.lock.exclusive] if subscription.lock.exclusive else []) == _holding(
            mine, "exclusive", waiting
        )
        assert sorted(subscription.lock.topups) == _holding(mine, "shared", waiting)
        assert not (subscription.lock.exclusive and subscription.lock.topups)
        assert set(lock.reserved_places) <= {order.id for order in mine} | waiting


def _holding(orders: Iterable[Order], lock: str, waiting: set[str]) -> list[str]:
    return sorted(order.id for order in orders if kind_of(order.type).lock == lock and order.id not in waiting)


def _no_sim_twice(shelf: Shelf) -> None:
    sims, orders = shelf.of(SimProfile), shelf.of(Order)
    assert _no_repeats([order.sim_profile_id for order in orders.values() if order.sim_profile_id and _took(order)])
    subscriptions = shelf.of(Subscription).values()
    assert _no_repeats([subscription.sim_profile.id for subscription in subscriptions])
    for subscription in subscriptions:
        assert sims[subscription.sim_profile.id].status == _sim_status(subscription)
    for sim in sims.values():
        serves = sim.status == "active"
        linked = [one.id for one in subscriptions if one.sim_profile.id == sim.id and _sim_status(one) == "active"]
        assert linked == ([sim.subscription_id] if serves else [])


def _took(order: Order) -> bool:
    """Whether the SIM that the order names is or was its own: a failed order's may have gone back."""
    return order.status in {"fulfilling", "completed"} and order.prepared


def _sim_status(subscription: Subscription) -> str:
    return {"created": "reserved", "canceled": "retired", "terminated": "retired"}.get(subscription.status, "active")


def _stock_is_what_is_in_stock(shelf: Shelf) -> None:
    esims = [sim for sim in shelf.of(SimProfile).values() if sim.sim_type == "esim"]
    lying = [entry["sim_profile_id"] for entry in shelf.partition("esim_stock")]
    assert sorted(lying) == sorted(sim.id for sim in esims if sim.status == "in_stock")
    orders = shelf.of(Order)
    for sim in esims:
        if sim.status == "in_stock":
            assert (sim.order_id, sim.subscription_id, sim.due_at) == (None, None, None)
        elif sim.status == "reserved":
            assert orders[sim.order_id or ""].sim_profile_id == sim.id
            assert orders[sim.order_id or ""].status == ("failed" if sim.due_at else "fulfilling")


def _reservations_are_held(shelf: Shelf) -> None:
    orders = shelf.of(Order)
    for reservation in shelf.of(Reservation).values():
        holders = [order.id for order in orders.values() if order.reservation_id == reservation.id and not order.final]
        assert holders == ([reservation.order_id] if reservation.order_id else [])


def _balances_add_up(shelf: Shelf) -> None:
    for product in shelf.of(Product).values():
        assert product.balances
        for balance in product.balances:
            if balance.type == "limited":
                assert balance.initial == balance.remaining + balance.spent


def _products_are_known(shelf: Shelf) -> None:
    products = shelf.of(Product).values()
    for subscription in shelf.of(Subscription).values():
        mine = [one for one in products if one.subscription_id == subscription.id and not one.final]
        known = {product.id: product.status for product in subscription.open_products}
        assert known == {product.id: product.status for product in mine}
        assert len(known) == len(subscription.open_products) <= MAX_OPEN_PRODUCTS


def _orders_made_all_or_nothing(shelf: Shelf) -> None:
    products = shelf.of(Product)
    for order in shelf.of(Order).values():
        made = {line.product_id for line in order.lines} & set(products)
        assert len(made) == (len(order.lines) if order.status == "completed" else 0)
    subscriptions = shelf.of(Subscription)
    for order in shelf.of(Order).values():
        if order.type == "activate_subscription":
            assert (order.subscription_id in subscriptions) == (order.prepared and order.status != "failed")


def _nothing_is_stuck(shelf: Shelf) -> None:
    """An order that waits for its date has its turn by its subscription's due time."""
    for order in shelf.of(Order).values():
        assert (order.due_at is None) == (order.final or order.status == "scheduled")
    for subscription in shelf.of(Subscription).values():
        turn = subscription.turn_at()
        assert turn is None or (subscription.due_at is not None and subscription.due_at <= turn)


def _no_repeats(names: Sequence[Any]) -> bool:
    return max(Counter(names).values(), default=1) == 1


def _sequence(record: Record) -> int:
    return record.sequence
