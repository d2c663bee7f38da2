"""What the model keeps of orders, subscriptions and products."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

FINAL = {"completed", "failed", "canceled", "expired"}


@dataclass
class Product:
    """One product that an order makes or has made; without a status it does not exist yet."""

    id: str
    is_plan: bool
    mode: str = "immediate"
    status: str = ""
    events: list[str] = field(default_factory=list)


@dataclass
class Order:
    """An order and what it holds: the SIM it has taken, and since when the network owes word of it."""

    id: str
    type: str
    subscription_id: str
    accepted_at: datetime
    products: list[Product] = field(default_factory=list)
    ends: Collection[str] = ()
    release_at: datetime | None = None
    on_hold: bool = False
    status: str = "accepted"
    history: list[str] = field(default_factory=lambda: ["accepted"])
    events: list[str] = field(default_factory=lambda: ["order.accepted"])
    due_at: datetime | None = None
    prepared: bool = False
    delayed: bool = False
    has_sim: bool = False
    sim_owed_since: datetime | None = None
    deprovisionings: int = 0
    failure: tuple[str, str] | None = None

    def enter(self, status: str) -> None:
        """Move to the status and tell of it."""
        self.status = status
        self.history.append(status)
        self.events.append(f"order.{status}")

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self.status in FINAL


@dataclass
class Subscription:
    """A subscription with its lock; products in the order in which they began."""

    id: str
    status: str = "created"
    exclusive: str | None = None
    topups: set[str] = field(default_factory=set)
    products: list[Product] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def current_plan(self) -> Product | None:
        """The active plan that started last."""
        plans = [product for product in self.products if product.is_plan and product.status == "active"]
        return plans[-1] if plans else None
