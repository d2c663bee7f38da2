"""A subscription with everything that belongs to it; nothing else changes any of it (docs/architecture.md).

Pure: ``store.py`` reads and saves it. It collects the records and the events of a change.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal, TypeVar

from functions.products import lifecycle, usage
from functions.products.product import ActivationMode, Product, show_product
from functions.shared.event import Happened
from functions.shared.ids import new_id
from functions.shared.records import Record
from functions.sim_profiles.sim_profile import ProfileReport, SimProfile
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number
from functions.subscriptions.subscription import Subscription, show_subscription

R = TypeVar("R", bound=Record)


class SubscriptionAggregate:
    """A subscription (``root``) with its open products, active numbers and SIM, in a change ``at`` a moment.

    Orders change its lock directly, in ``root.lock``.
    """

    def __init__(
        self,
        root: Subscription,
        at: datetime,
        *,
        products: Iterable[Product] = (),
        numbers: Iterable[PhoneNumber] = (),
        sim: SimProfile | None = None,
    ) -> None:
        self.root = root
        self.at = at
        self._products = {product.id: product for product in products}
        self._numbers = list(numbers)
        self._sim = sim
        self._before = root.model_copy(deep=True)
        self._changed: dict[str, Record] = {}
        self._events: list[Happened] = []

    def records(self) -> Iterable[Record]:
        """Return the records that the change writes.

        Every change of a product also writes the subscription, with its due time, so that of two concurrent changes
        only one commits.
        """
        self.root.due_at = self.root.next_due_at()
        is_new = not self.root.version
        if is_new or self.root != self._before or any(isinstance(each, Product) for each in self._changed.values()):
            return [self._touched(self.root), *self._changed.values()]
        return self._changed.values()

    def events(self) -> Iterable[Happened]:
        """Return the events of the change, in the order in which they were created."""
        return self._events

    def product(self, product_id: str) -> Product | None:
        """Return one of its open products."""
        product = self._products.get(product_id)
        return product if product is not None and not product.final else None

    def catch_up(self) -> bool:
        """Apply everything that was due at the earliest instant; return whether anything was due.

        Call it again on the saved result until nothing is due: what happens at one instant decides what is due next.
        """
        due = [change for change in self.root.due_changes() if change.moment <= self.at]
        for change in takewhile(lambda change: change.moment == due[0].moment, due):
            product = self._products[change.product_id]
            event_type = lifecycle.apply_change(product, change, self.root.plan_cycle_end())
            self._keep(product)
            self._publish_product(product, event_type)
        return bool(due)

    def add(self, product: Product, mode: ActivationMode) -> None:
        """Add a new product, started as its order requested."""
        lifecycle.begin(product, mode, self.at, self.root.plan_cycle_end())
        self._keep(product)
        if product.status in {"active", "canceled"}:
            self._publish_product(product)

    def start(self, product: Product) -> None:
        """Start a product that waits for its date or its first usage."""
        lifecycle.start(product, self.at, self.root.plan_cycle_end())
        self._keep(product)
        self._publish_product(product)

    def end(self, product: Product, *, terminated: bool = False) -> None:
        """End a product: ``terminated`` if requested and it had started, else ``canceled``."""
        lifecycle.end(product, self.at, terminated=terminated)
        self._keep(product)
        self._publish_product(product)

    def decide_end(self, product: Product, decided_by: str, end: datetime | None = None) -> None:
        """Let an active product end with its cycle, or at ``end``; see :func:`lifecycle.decide_end`."""
        lifecycle.decide_end(product, decided_by, end)
        self._keep(product)

    def end_products(self, ids: Collection[str], *, terminated: bool) -> None:
        """End the given products, if they are open."""
        for product in self._open(ids):
            self.end(product, terminated=terminated)

    def decide_ends(self, ids: Collection[str], ends: Mapping[str, datetime], order_id: str) -> None:
        """Set the ends that an order decides for its products, and cancel those that have not started.

        A product that ends by itself, or whose end was decided before, keeps that end.
        """
        for product in self._open(ids):
            if product.status == "active":
                self.decide_end(product, order_id, ends.get(product.id))
            else:
                self.end(product)

    def take_back_ends(self, ids: Collection[str], order_id: str) -> None:
        """Remove the future ends that only this order has decided."""
        for product in self._open(ids):
            if lifecycle.take_back_end(product, order_id, self.at):
                self._keep(product)

    def change_price(self, product: Product, recurring: Mapping[str, Any]) -> None:
        """Change the recurring price of a product from its next cycle on."""
        product.prices = [
            price.model_copy(update=dict(recurring)) if price.type == "recurring" else price for price in product.prices
        ]
        self._keep(product)

    def first_usage(self, country: str) -> None:
        """Start the oldest matching pending product, if there is one."""
        cycle_end = self.root.plan_cycle_end()
        pending = usage.oldest_pending(list(self._products.values()), country, self.at, cycle_end)
        if pending is not None:
            self.start(pending)

    def book(self, used: usage.Usage) -> int:
        """Book usage on the products; return what is left for another change, since the size of one is limited."""
        booking = usage.book(used, list(self._products.values()), self.root.plan_cycle_end())
        for product in booking.changed.values():
            self._keep(product)
        for product, event_type, percentage in booking.events:
            if percentage is None:
                self._publish_product(product, event_type)
            else:
                shown = show_product(usage.before_depletion(product))
                threshold = {"allowance_type": "data", "percentage": percentage}
                self._publish(product, event_type, {"product": shown, "threshold": threshold})
        return booking.left

    def move_to(self, status: str) -> None:
        """Move to the status. Raise ``IllegalTransition`` if the current one does not allow it."""
        self.root.move_to(status)
        self.publish(f"subscription.{status}")

    def close(self, status: Literal["canceled", "terminated"]) -> None:
        """End it: terminate the products that have started, cancel the others, and retire the SIM."""
        self.end_products(list(self._products), terminated=True)
        for number in self._numbers:
            number.move_to("terminated")
            self._change(number)
            self._publish(number, "phone_number.terminated", {"phone_number": show_phone_number(number)})
        self.root.phone_numbers = []
        self.retire_sim()
        self.root.ended_at = self.at
        self.move_to(status)

    def give_number(self, msisdn: str, country: str) -> None:
        """Add a phone number (E.164)."""
        fields = {"partner": self.root.partner, "subscription_id": self.root.id, "msisdn": msisdn, "country": country}
        number = PhoneNumber(id=new_id(PhoneNumber.PREFIX), created_at=self.at, updated_at=self.at, **fields)
        self.root.phone_numbers = [number]
        self._change(number)
        self._publish(number, "phone_number.active", {"phone_number": show_phone_number(number)})

    def link_sim(self, sim: SimProfile) -> None:
        """Link a SIM that an order has taken."""
        sim.link_to(self.root.id)
        self._set_sim(sim)

    def retire_sim(self) -> None:
        """Retire its SIM, which is never used again."""
        if self._sim is not None:
            self._sim.retire()
            self._set_sim(self._sim)

    def publish_sim_ready(self, order: Mapping[str, Any]) -> None:
        """Publish that a new eSIM is linked, and then what the network reported of it before the order was complete.

        The reports are published in the order in which they happened (contract §5 and §8).
        """
        if self.root.sim_profile.sim_type == "esim":
            self.publish("subscription.sim_profile.ready_for_installation", order=order)
            for report in self.root.sim_profile.take_early_reports():
                self.see_profile(report)

    def see_profile(self, report: ProfileReport) -> None:
        """Apply a report of its eSIM's profile."""
        sim = self._sim or self.root.sim_profile
        is_change = sim.see_profile(report)
        self._change(sim)
        if is_change:
            self.root.sim_profile = sim
            self.publish(f"subscription.sim_profile.{report.status}")

    def see_country(self, country: str, seen_at: datetime) -> None:
        """Apply a report of its country."""
        if location := self.root.see_country(country, seen_at):
            shown = location.model_dump(mode="json", exclude={"reported_at"}, exclude_none=True)
            self.publish("subscription.sim_profile.country_changed", location=shown)

    def publish(self, event_type: str, **beside: Any) -> None:
        """Publish an event of the subscription; ``beside`` are the members beside the resource (contract §8)."""
        shown = show_subscription(self._touched(self.root))
        self._publish(self.root, event_type, {"subscription": shown, **beside})

    def _open(self, ids: Collection[str]) -> list[Product]:
        return [self._products[product_id] for product_id in self.root.still_open(ids)]

    def _keep(self, product: Product) -> None:
        """Write the product, and update the subscription's copy of it."""
        self._products[product.id] = product
        self._change(product)
        self.root.know(product)

    def _set_sim(self, sim: SimProfile) -> None:
        self._sim = self.root.sim_profile = sim
        self._change(sim)

    def _change(self, record: Record) -> None:
        self._changed[record.id] = self._touched(record)

    def _touched(self, record: R) -> R:
        """Set ``updated_at`` of a record that existed before, and return it."""
        if record.version:
            record.updated_at = self.at
        return record

    def _publish_product(self, product: Product, event_type: str | None = None) -> None:
        """Publish an event of the product: by default of its status."""
        self._publish(product, event_type or f"product.{product.status}", {"product": show_product(product)})

    def _publish(self, record: Record, event_type: str, data: Mapping[str, Any]) -> None:
        record.sequence += 1
        self._events.append(Happened(record.partner, event_type, record.sequence, data, self.root.id))
