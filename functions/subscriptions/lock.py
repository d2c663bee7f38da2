"""The orders that hold a subscription, and those that wait for it (contract §2, lock and schedule)."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, Field

from functions.shared.moments import Instant


class ScheduledOrder(BaseModel):
    """An order that waits for its date and does not hold the lock yet."""

    order_id: str
    type: str
    release_at: Instant
    holds_from: Instant | None = None
    """The time from which plans, renewals and starts wait for it; ``None`` if nothing does: it is released last."""
    product_ids: list[str] = Field(default_factory=list)
    """The products that it cancels."""


class Lock(BaseModel):
    """The orders on a subscription. Accepting or releasing an order takes the lock, its last write frees it.

    ``exclusive`` is the order that holds it alone; ``topups`` are orders that run concurrently.
    """

    exclusive: str | None = None
    released_at: Instant | None = None
    """The date for which the exclusive order has waited, if it was scheduled."""
    topups: list[str] = Field(default_factory=list)
    scheduled: list[ScheduledOrder] = Field(default_factory=list)
    reserved_places: dict[str, int] = Field(default_factory=dict)
    """The number of products that each order in progress will add."""

    @property
    def held(self) -> bool:
        """Return whether an exclusive order must wait."""
        return bool(self.exclusive or self.topups)

    def blocks(self, *, exclusive: bool) -> bool:
        """Return whether an order must wait for orders in progress."""
        return self.held if exclusive else self.exclusive is not None

    def take(self, order_id: str, *, exclusive: bool) -> None:
        """Give the lock to an order that starts immediately."""
        if exclusive:
            self.exclusive = order_id
        else:
            self.topups.append(order_id)

    def next_scheduled(self) -> ScheduledOrder | None:
        """Return the scheduled order that is released next.

        Of several at the same instant it is the one accepted first; an order for which nothing waits comes last
        (contract §2, schedule).
        """
        return min(self.scheduled, key=lambda order: (order.release_at, order.holds_from is None), default=None)

    def release_next(self) -> None:
        """Give the lock to the next scheduled order. Raise ``ValueError`` if there is none."""
        order = self.next_scheduled()
        if order is None or self.held:
            raise ValueError("no scheduled order is to be released")
        self.scheduled.remove(order)
        self.exclusive = order.order_id
        self.released_at = order.holds_from

    def holds_from(self) -> datetime | None:
        """Return the time from which plans, renewals and starts wait for an order, if they do."""
        dates = [self.released_at, *(order.holds_from for order in self.scheduled)]
        return min((date for date in dates if date), default=None)

    def hold_nothing_up(self, order_id: str) -> None:
        """Let nothing wait for this scheduled order any longer: it has set the ends of its products."""
        for order in self.scheduled:
            if order.order_id == order_id:
                order.holds_from = None

    def give_back(self, order_id: str) -> None:
        """Free everything that the order holds: the lock or its place in the queue, and its reserved places."""
        self.scheduled = [order for order in self.scheduled if order.order_id != order_id]
        if self.exclusive == order_id:
            self.exclusive = self.released_at = None
        self.topups = [topup for topup in self.topups if topup != order_id]
        self.reserved_places.pop(order_id, None)

    def cancels(self, product_ids: Collection[str]) -> set[str]:
        """Return the products that a scheduled order already cancels."""
        return {product_id for order in self.scheduled for product_id in order.product_ids} & set(product_ids)
