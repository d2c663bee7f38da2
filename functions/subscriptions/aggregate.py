"""A subscription and all that is its own, as one thing: nothing else changes any of it (docs/architecture.md).

Pure: ``store.py`` reads and saves it. It collects what a change of it writes and the events that tell of the change.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal, TypeVar

from functions.products import lifecycle, usage
from functions.products.product import ActivationMode, Product, show_product
from functions.shared.ids import new_id
from functions.shared.records import Happened, Record
from functions.sim_profiles.sim_profile import ProfileReport, SimProfile
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number
from functions.subscriptions.subscription import Subscription, show_subscription

R = TypeVar("R", bound=Record)


class SubscriptionAggregate:
    """A subscription (``root``) with its open products, active numbers and SIM, in a change made ``at`` a moment.

    Its lock is changed where it lies, in ``root.lock``.
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

        The subscription itself, with its due time, is written with every change of a product: that is what keeps two
        changes apart that are made at once.
        """
        self.root.due_at = self.root.next_due_at()
        is_new = not self.root.version
        if is_new or self.root != self._before or any(isinstance(each, Product) for each in self._changed.values()):
            return [self._touched(self.root), *self._changed.values()]
        return self._changed.values()

    def events(self) -> Iterable[Happened]:
        """Return the events that tell of the change, in the order in which they were made."""
        return self._events

    def product(self, product_id: str) -> Product | None:
        """Return one of its open products."""
        product = self._products.get(product_id)
        return product if product is not None and not product.final else None

    def catch_up(self) -> bool:
        """Apply what was due first, all of that one instant; return whether anything was due.

        Call it again, on what was saved, until nothing is: what happens at one instant decides on what comes next.
        """
        due = [change for change in self.root.due_changes() if change.moment <= self.at]
        for change in takewhile(lambda change: change.moment == due[0].moment, due):
            product = self._products[change.product_id]
            event_type = lifecycle.apply_change(product, change, self.root.plan_cycle_end())
            self._keep(product)
            self._publish_product(product, event_type)
        return bool(due)

    def add(self, product: Product, mode: ActivationMode) -> None:
        """Begin a new product in the way its order asked for."""
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
        """End a product: ``terminated`` if that is asked for and it had started, else ``canceled``."""
        lifecycle.end(product, self.at, terminated=terminated)
        self._keep(product)
        self._publish_product(product)

    def decide_end(self, product: Product, decided_by: str, end: datetime | None = None) -> None:
        """Let an active product end with its cycle, or at a fixed ``end``; see :func:`lifecycle.decide_end`."""
        lifecycle.decide_end(product, decided_by, end)
        self._keep(product)

    def end_products(self, ids: Collection[str], *, terminated: bool) -> None:
        """End those of the products that are open."""
        for product in self._open(ids):
            self.end(product, terminated=terminated)

    def decide_ends(self, ids: Collection[str], ends: Mapping[str, datetime], order_id: str) -> None:
        """Let an order decide when its products end; those that have not started are canceled at once.

        A product that ends by itself, or whose end somebody has decided before, keeps that end.
        """
        for product in self._open(ids):
            if product.status == "active":
                self.decide_end(product, order_id, ends.get(product.id))
            else:
                self.end(product)

    def take_back_ends(self, ids: Collection[str], order_id: str) -> None:
        """Take back the ends that the order alone has decided and that have not come yet."""
        for product in self._open(ids):
            if lifecycle.take_back_end(product, order_id, self.at):
                self._keep(product)

    def change_price(self, product: Product, recurring: Mapping[str, Any]) -> None:
        """Give a product another recurring price, from its next cycle on."""
        product.prices = [
            price.model_copy(update=dict(recurring)) if price.type == "recurring" else price for price in product.prices
        ]
        self._keep(product)

    def first_usage(self, country: str) -> None:
        """Start the oldest pending product that fits, if there is one."""
        cycle_end = self.root.plan_cycle_end()
        pending = usage.oldest_pending(list(self._products.values()), country, self.at, cycle_end)
        if pending is not None:
            self.start(pending)

    def book(self, used: usage.Usage) -> int:
        """Book usage on the products; return what is left for another change, since one has room for only so much."""
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
        """Take the status. Raise ``IllegalTransition`` if the present one does not allow it."""
        self.root.move_to(status)
        self.publish(f"subscription.{status}")

    def close(self, status: Literal["canceled", "terminated"]) -> None:
        """End it with everything it has: what had started is terminated, the rest canceled; the SIM is retired."""
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
        """Give it a phone number (E.164)."""
        number = PhoneNumber(
            id=new_id(PhoneNumber.PREFIX),
            partner=self.root.partner,
            created_at=self.at,
            updated_at=self.at,
            subscription_id=self.root.id,
            msisdn=msisdn,
            country=country,
        )
        self.root.phone_numbers = [number]
        self._change(number)
        self._publish(number, "phone_number.active", {"phone_number": show_phone_number(number)})

    def link_sim(self, sim: SimProfile) -> None:
        """Let a SIM that an order has taken serve it from now on."""
        sim.link_to(self.root.id)
        self._set_sim(sim)

    def retire_sim(self) -> None:
        """Never use its SIM again."""
        if self._sim is not None:
            self._sim.retire()
            self._set_sim(self._sim)

    def publish_sim_ready(self, order: Mapping[str, Any]) -> None:
        """Tell that a new eSIM is linked, and what the network has seen of its profile while the order was carried out.

        What the network saw is published in the order in which it happened, after the profile was ready (contract §5
        and §8).
        """
        if self.root.sim_profile.sim_type == "esim":
            self.publish("subscription.sim_profile.ready_for_installation", order=order)
            for report in self.root.sim_profile.take_early_reports():
                self.see_profile(report)

    def see_profile(self, report: ProfileReport) -> None:
        """Take what the network saw of its eSIM's profile."""
        sim = self._sim or self.root.sim_profile
        is_change = sim.see_profile(report)
        self._change(sim)
        if is_change:
            self.root.sim_profile = sim
            self.publish(f"subscription.sim_profile.{report.status}")

    def see_country(self, country: str, seen_at: datetime) -> None:
        """Take where the network saw it."""
        if location := self.root.see_country(country, seen_at):
            shown = location.model_dump(mode="json", exclude={"reported_at"}, exclude_none=True)
            self.publish("subscription.sim_profile.country_changed", location=shown)

    def publish(self, event_type: str, **beside: Any) -> None:
        """Publish an event of the subscription; ``beside`` is what contract §8 puts beside the resource."""
        shown = show_subscription(self._touched(self.root))
        self._publish(self.root, event_type, {"subscription": shown, **beside})

    def _open(self, ids: Collection[str]) -> list[Product]:
        return [self._products[product_id] for product_id in self.root.still_open(ids)]

    def _keep(self, product: Product) -> None:
        """Write the product, and what the subscription knows of it while it is open."""
        self._products[product.id] = product
        self._change(product)
        self.root.know(product)

    def _set_sim(self, sim: SimProfile) -> None:
        self._sim = self.root.sim_profile = sim
        self._change(sim)

    def _change(self, record: Record) -> None:
        self._changed[record.id] = self._touched(record)

    def _touched(self, record: R) -> R:
        """Return a record that is written, as events show it."""
        if record.version:
            record.updated_at = self.at
        return record

    def _publish_product(self, product: Product, event_type: str | None = None) -> None:
        """Publish an event of the product: of its status, or of what else has happened to it."""
        self._publish(product, event_type or f"product.{product.status}", {"product": show_product(product)})

    def _publish(self, record: Record, event_type: str, data: Mapping[str, Any]) -> None:
        record.sequence += 1
        self._events.append(Happened(record.partner, event_type, record.sequence, data))
