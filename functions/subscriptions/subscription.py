"""Subscriptions: created by an activation, changed by every later order (contract §5)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, Field

from functions.products.lifecycle import Due, DueChange, OpenProduct, open_product
from functions.products.product import Product
from functions.shared.documents import carry_over
from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.records import ListedBy
from functions.shared.states import Stateful
from functions.sim_profiles.lpa import install_links, lpa_of
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile
from functions.subscriptions.lock import Lock
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number

SubscriptionStatus = Literal["created", "active", "grace", "suspended", "deactivated", "canceled", "terminated"]
TAKES_ORDERS = ("active", "grace", "deactivated")
TAKES_CANCELLATIONS = (*TAKES_ORDERS, "suspended")
"""Statuses that allow all orders, and those that allow cancellations (contract §2)."""


class Action(NamedTuple):
    """An action of a partner on a subscription: from which statuses, to which."""

    allowed_in: frozenset[str]
    status: str


ACTIONS = {
    "grace": Action(frozenset({"active"}), "grace"),
    "suspend": Action(frozenset({"active", "grace"}), "suspended"),
    "deactivate": Action(frozenset({"active"}), "deactivated"),
    "resume": Action(frozenset({"deactivated"}), "active"),
}


class Location(BaseModel):
    """Where the network last saw the subscription."""

    previous_country: str | None = None
    current_country: str
    landed_at: Instant
    reported_at: Instant
    """When it was last reported there."""


class Subscription(Stateful):
    """A subscription with everything that the checks of its orders need, so that one read is enough.

    ``sim_profile``, ``open_products`` and ``phone_numbers`` are copies: only the aggregate changes them, together with
    their originals.
    """

    KIND = "subscription"
    PREFIX = "subs"
    PLURAL = "subscriptions"
    LISTS = (ListedBy("gsi2", "subscriber_id"), ListedBy("gsi3", "account_id"), ListedBy("gsi1"))
    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "created": ("active",),
        "active": ("grace", "suspended", "deactivated", "canceled", "terminated"),
        "grace": ("suspended", "canceled", "terminated"),
        "suspended": ("canceled", "terminated"),
        "deactivated": ("active", "canceled", "terminated"),
        "canceled": (),
        "terminated": (),
    }

    status: SubscriptionStatus
    subscriber_id: str
    account_id: str
    sim_profile: SimProfile
    ended_at: Instant | None = None
    open_products: list[OpenProduct] = Field(default_factory=list)
    phone_numbers: list[PhoneNumber] = Field(default_factory=list)
    """Copies of its active numbers."""
    lock: Lock = Field(default_factory=Lock)
    location: Location | None = None

    def allows(self, action: str) -> bool:
        """Return whether the subscription's status allows the action."""
        return self.status in ACTIONS[action].allowed_in

    def current_plan(self) -> OpenProduct | None:
        """Return the active plan that started last (contract §2); of plans that started together, the higher id."""
        plans = [product for product in self.open_products if product.type == "plan" and product.started_at]
        return max(plans, key=lambda plan: (plan.started_at, plan.id), default=None)

    def plan_cycle_end(self) -> datetime | None:
        """Return when the current plan's cycle ends, or the plan if it does not recur."""
        plan = self.current_plan()
        return (plan.billing_cycle_end_at or plan.end_at) if plan else None

    def in_plan_cycle(self, now: datetime) -> bool:
        """Return whether the current plan is in a cycle, even if the clock has not applied the renewal yet.

        Between two cycles it is in none, while an order in progress decides on the next one.
        """
        plan, end = self.current_plan(), self.plan_cycle_end()
        if plan is None or end is None:
            return False
        change = plan.next_change()
        renews = change is not None and change.due is Due.RENEWAL and change in self.due_changes()
        return end > now or renews

    def still_open(self, product_ids: Collection[str]) -> list[str]:
        """Return the given products that have not ended."""
        return [product.id for product in self.open_products if product.id in product_ids]

    def know(self, product: Product) -> None:
        """Update the copy of a product; remove it once the product has ended."""
        before = next((known for known in self.open_products if known.id == product.id), None)
        self.open_products = [known for known in self.open_products if known is not before]
        if not product.final:
            now = open_product(product)
            carry_over(before, now)
            self.open_products.append(now)

    def due_changes(self) -> list[DueChange]:
        """Return what will become due for its products, in order, except what waits for an order.

        From the date of a released order until the order is final, no plan ends, nothing renews and nothing starts: the
        order may change the plan, or end everything (contract §6). Once the order is final, all of it is applied, with
        its own dates.
        """
        held_from = self.lock.holds_from()
        changes = [(product.type, change) for product in self.open_products if (change := product.next_change())]
        return sorted(
            change
            for product_type, change in changes
            if held_from is None or change.moment < held_from or not _held_up(product_type, change.due)
        )

    def see_country(self, country: str, seen_at: datetime) -> Location | None:
        """Store where the network saw it; return the location if it has changed.

        A report that arrives after a newer one, or after the subscription's end, changes nothing.
        """
        before = self.location
        if self.final or (before and before.reported_at > seen_at):
            return None
        if before and before.current_country == country:
            before.reported_at = seen_at
            return None
        self.location = Location(
            previous_country=before.current_country if before else None,
            current_country=country,
            landed_at=seen_at,
            reported_at=seen_at,
        )
        return self.location

    def turn_at(self) -> datetime | None:
        """Return when the next scheduled order is released; ``None`` while another order holds the lock.

        If the subscription has ended, this is immediately.
        """
        order = self.lock.next_scheduled()
        if order is None or (self.lock.held and not self.final):
            return None
        return self.ended_at if self.final else order.release_at

    def next_due_at(self) -> datetime | None:
        """Return when the clock must handle it: a product's change is due, or an order is to be released."""
        turn = self.turn_at()
        moments = [change.moment for change in self.due_changes()] + ([turn] if turn else [])
        return min(moments, default=None)


def _held_up(product_type: str, due: Due) -> bool:
    return product_type == "plan" or due in {Due.RENEWAL, Due.START}


SHOWN = {"id", "status", "created_at", "updated_at"}


def show_embedded(subscription: Subscription) -> dict[str, Any]:
    """Return the subscription as orders embed it (contract §2); clients read the eSIM here."""
    account = {"id": subscription.account_id, "_links": {"self": link(f"/accounts/{subscription.account_id}")}}
    links = {"self": link(f"/subscriptions/{subscription.id}")}
    if subscription.sim_profile.sim_type == "esim" and not subscription.final:
        links["qrcode"] = link(f"/qrcode/v1/esim/{lpa_of(subscription.sim_profile)}")
        links |= install_links(subscription.sim_profile)
    return subscription.model_dump(mode="json", include=SHOWN, exclude_none=True) | {
        "_embedded": {"sim_profile": show_sim_profile(subscription.sim_profile), "account": account},
        "_links": links,
    }


def show_subscription(subscription: Subscription) -> dict[str, Any]:
    """Return the resource of contract §5."""
    body = show_embedded(subscription) | subscription.model_dump(mode="json", include={"ended_at"}, exclude_none=True)
    if subscription.phone_numbers:
        body["_embedded"]["active_phone_numbers"] = [show_phone_number(n) for n in subscription.phone_numbers]
    body["_links"] |= {
        "subscriber": link(f"/subscribers/{subscription.subscriber_id}"),
        "products": link(f"/products?subscription-id={subscription.id}"),
        "phone-numbers": link(f"/phone-numbers?subscription-id={subscription.id}"),
    }
    actions = filter(subscription.allows, ACTIONS)
    body["_links"] |= {action: link(f"/subscriptions/{subscription.id}/{action}") for action in actions}
    return body
