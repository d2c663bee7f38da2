"""Subscriptions: what an activation makes and every later order is about (contract §5)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, Field

from functions.products.life import OPEN, Coming, Happening, OpenProduct, known_of
from functions.products.product import Product
from functions.shared.clock import Instant
from functions.shared.links import link
from functions.shared.records import ListedBy
from functions.shared.states import Stateful
from functions.sim_profiles.lpa import lpa_of
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number

SubscriptionStatus = Literal["created", "active", "grace", "suspended", "deactivated", "canceled", "terminated"]
TAKES_ORDERS = ("active", "grace", "deactivated")
TAKES_CANCELLATIONS = (*TAKES_ORDERS, "suspended")
"""By the subscription's status (contract §2): all orders, and those that only end something."""


class Action(NamedTuple):
    """What a partner can do with a subscription: from which statuses, to which."""

    allowed_in: frozenset[str]
    status: str


ACTIONS = {
    "grace": Action(frozenset({"active"}), "grace"),
    "suspend": Action(frozenset({"active", "grace"}), "suspended"),
    "deactivate": Action(frozenset({"active"}), "deactivated"),
    "resume": Action(frozenset({"deactivated"}), "active"),
}


class ScheduledOrder(BaseModel):
    """An order that waits for its date and has no lock yet."""

    order_id: str
    type: str
    release_at: Instant
    holds_from: Instant | None = None
    """From when on plans, renewals and starts wait for it; ``None``: it holds nothing up, and is released last."""
    product_ids: list[str] = Field(default_factory=list)
    """The products that it cancels."""


class Location(BaseModel):
    """Where the network saw the subscription last."""

    previous_country: str | None = None
    current_country: str
    landed_at: Instant
    reported_at: Instant
    """When it was last said to be there."""


class Subscription(Stateful):
    """A subscription with all that its orders need, so that one read of it decides.

    ``exclusive`` (an order that holds it alone) and ``topups`` (orders that run side by side) are its lock;
    ``sim_profile`` is a copy of the linked profile, written by each change of it.
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
    """Copies of its active ones."""
    exclusive: str | None = None
    released_at: Instant | None = None
    """The date that the order which holds it alone has waited for, if it has."""
    topups: list[str] = Field(default_factory=list)
    coming: dict[str, int] = Field(default_factory=dict)
    """How many more products it will have by each order that is accepted and not yet carried out."""
    scheduled: list[ScheduledOrder] = Field(default_factory=list)
    location: Location | None = None

    def allows(self, action: str) -> bool:
        """Whether the partner can do this with the subscription now."""
        return self.status in ACTIONS[action].allowed_in

    def current_plan(self) -> OpenProduct | None:
        """The active plan that started last (contract §2); a plan starts when it is made, so ids decide at a tie."""
        plans = [product for product in self.open_products if product.type == "plan" and product.started_at]
        return max(plans, key=lambda plan: (plan.started_at, plan.id), default=None)

    def plan_cycle_end(self) -> datetime | None:
        """When the current plan's cycle ends, or the plan if it does not recur."""
        plan = self.current_plan()
        return (plan.billing_cycle_end_at or plan.end_at) if plan else None

    def in_plan_cycle(self, now: datetime) -> bool:
        """Whether a cycle of the current plan lasts, also if the clock has not seen yet that it is a new one.

        There is none between two cycles, while an order decides on the next one.
        """
        plan, end = self.current_plan(), self.plan_cycle_end()
        if plan is None or end is None:
            return False
        coming = plan.coming()
        renews = coming is not None and coming.happening is Happening.RENEWAL and coming in self.ahead()
        return end > now or renews

    def still_open(self, product_ids: Collection[str]) -> list[str]:
        """Those of the products that have not ended."""
        return [product.id for product in self.open_products if product.id in product_ids]

    def note(self, product: Product) -> None:
        """Keep up with a product: remembered while it is open, forgotten when it has ended."""
        self.open_products = [known for known in self.open_products if known.id != product.id]
        if product.status in OPEN:
            self.open_products.append(known_of(product))

    def ahead(self) -> list[Coming]:
        """What will happen to its products by itself, in that order; without what an order holds up.

        From the date on for which an order has waited until it is final, no plan ends, nothing renews and nothing
        starts: a plan may be about to change, or everything to end (contract §6). All of it is made up afterwards.
        """
        dates = [self.released_at, *(order.holds_from for order in self.scheduled)]
        held_from = min((date for date in dates if date), default=None)
        ahead = [(product.type, coming) for product in self.open_products if (coming := product.coming())]
        return sorted(
            coming
            for product_type, coming in ahead
            if held_from is None or coming.moment < held_from or not _held_up(product_type, coming.happening)
        )

    def item(self) -> dict[str, Any]:
        """The clock looks after it when the next thing happens to a product, or a scheduled order has its turn."""
        turn = self.turn_at()
        moments = [coming.moment for coming in self.ahead()] + ([turn] if turn else [])
        self.due_at = min(moments, default=None)
        return super().item()

    @property
    def locked(self) -> bool:
        """Whether an order that must be alone has to wait."""
        return bool(self.exclusive or self.topups)

    def next_scheduled(self) -> ScheduledOrder | None:
        """The scheduled order whose turn is next.

        Of several for one instant that is the one accepted first; one that holds nothing up comes after all others
        (contract §2, ``schedule``).
        """
        return min(self.scheduled, key=lambda order: (order.release_at, order.holds_from is None), default=None)

    def turn_at(self) -> datetime | None:
        """When that order has its turn: at once if the subscription has ended, ``None`` while another has the lock."""
        order = self.next_scheduled()
        if order is None or (self.locked and not self.final):
            return None
        return self.ended_at if self.final else order.release_at

    def release_next(self) -> None:
        """Give the lock to the scheduled order whose turn it is."""
        order = self.next_scheduled()
        if order is None or self.locked:
            raise ValueError(f"subscription {self.id} has no order whose turn it is")
        self.scheduled.remove(order)
        self.exclusive = order.order_id
        self.released_at = order.holds_from

    def holds_up_no_more(self, order_id: str) -> None:
        """The scheduled order has decided the ends of its products; from now on nothing waits for it."""
        for order in self.scheduled:
            if order.order_id == order_id:
                order.holds_from = None

    def release(self, order_id: str) -> None:
        """Give back what the order holds, the lock or its place among the scheduled; twice changes nothing."""
        self.scheduled = [order for order in self.scheduled if order.order_id != order_id]
        if self.exclusive == order_id:
            self.exclusive = self.released_at = None
        self.topups = [topup for topup in self.topups if topup != order_id]
        self.coming.pop(order_id, None)


def _held_up(product_type: str, happening: Happening) -> bool:
    return product_type == "plan" or happening in {Happening.RENEWAL, Happening.START}


def show_embedded(subscription: Subscription) -> dict[str, Any]:
    """The subscription inside an order (contract §2): it is where clients read the eSIM."""
    account = {"id": subscription.account_id, "_links": {"self": link(f"/accounts/{subscription.account_id}")}}
    shown = {"id", "status", "created_at", "updated_at"}
    links = {"self": link(f"/subscriptions/{subscription.id}")}
    if subscription.sim_profile.sim_type == "esim" and not subscription.final:
        links["qrcode"] = link(f"/qrcode/v1/esim/{lpa_of(subscription.sim_profile)}")
    return subscription.model_dump(mode="json", include=shown, exclude_none=True) | {
        "_embedded": {"sim_profile": show_sim_profile(subscription.sim_profile), "account": account},
        "_links": links,
    }


def show_subscription(subscription: Subscription) -> dict[str, Any]:
    """The resource of contract §5."""
    body = show_embedded(subscription)
    if subscription.ended_at:
        body |= subscription.model_dump(mode="json", include={"ended_at"})
    if subscription.phone_numbers:
        body["_embedded"]["active_phone_numbers"] = [show_phone_number(n) for n in subscription.phone_numbers]
    body["_links"] |= {
        "subscriber": link(f"/subscribers/{subscription.subscriber_id}"),
        "products": link(f"/products?subscription-id={subscription.id}"),
        "phone-numbers": link(f"/phone-numbers?subscription-id={subscription.id}"),
    }
    body["_links"] |= {
        action: link(f"/subscriptions/{subscription.id}/{action}") for action in ACTIONS if subscription.allows(action)
    }
    return body
