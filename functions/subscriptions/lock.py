"""Which orders hold a subscription and which wait for it (contract §2, lock and schedule)."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, Field

from functions.shared.clock import Instant


class ScheduledOrder(BaseModel):
    """An order that waits for its date and does not hold the lock yet."""

    order_id: str
    type: str
    release_at: Instant
    holds_from: Instant | None = None
    """From when on plans, renewals and starts wait for it; ``None``: it holds nothing up, and is released last."""
    product_ids: list[str] = Field(default_factory=list)
    """The products that it cancels."""


class Lock(BaseModel):
    """The orders on a subscription: taken by the write that accepts or releases one, given back by its last write.

    ``exclusive`` is the order that holds it alone, ``topups`` are those that run side by side.
    """

    exclusive: str | None = None
    released_at: Instant | None = None
    """The date that the order which holds it alone has waited for, if it has."""
    topups: list[str] = Field(default_factory=list)
    scheduled: list[ScheduledOrder] = Field(default_factory=list)
    reserved_places: dict[str, int] = Field(default_factory=dict)
    """How many more products the subscription will have by each order that is not final."""

    @property
    def held(self) -> bool:
        """Whether an order that must be alone has to wait."""
        return bool(self.exclusive or self.topups)

    def blocks(self, *, exclusive: bool) -> bool:
        """Return whether an order must wait for others that are being carried out."""
        return self.held if exclusive else self.exclusive is not None

    def take(self, order_id: str, *, exclusive: bool) -> None:
        """Give the lock to an order that starts at once."""
        if exclusive:
            self.exclusive = order_id
        else:
            self.topups.append(order_id)

    def next_scheduled(self) -> ScheduledOrder | None:
        """Return the scheduled order whose turn is next.

        Of several for one instant that is the one accepted first; one that holds nothing up comes after all others
        (contract §2, schedule).
        """
        return min(self.scheduled, key=lambda order: (order.release_at, order.holds_from is None), default=None)

    def release_next(self) -> None:
        """Give the lock to the scheduled order whose turn it is. Raise ``ValueError`` if there is none."""
        order = self.next_scheduled()
        if order is None or self.held:
            raise ValueError("there is no order whose turn it is")
        self.scheduled.remove(order)
        self.exclusive = order.order_id
        self.released_at = order.holds_from

    def holds_from(self) -> datetime | None:
        """Return from when on plans, renewals and starts wait for an order, if they do."""
        dates = [self.released_at, *(order.holds_from for order in self.scheduled)]
        return min((date for date in dates if date), default=None)

    def hold_nothing_up(self, order_id: str) -> None:
        """Let nothing wait for this scheduled order any more: it has decided the ends of its products."""
        for order in self.scheduled:
            if order.order_id == order_id:
                order.holds_from = None

    def give_back(self, order_id: str) -> None:
        """Take back all that the order holds: the lock or its place in the queue, and its reserved places."""
        self.scheduled = [order for order in self.scheduled if order.order_id != order_id]
        if self.exclusive == order_id:
            self.exclusive = self.released_at = None
        self.topups = [topup for topup in self.topups if topup != order_id]
        self.reserved_places.pop(order_id, None)

    def cancels(self, product_ids: Collection[str]) -> set[str]:
        """Return those of the products that a scheduled order cancels already."""
        return {product_id for order in self.scheduled for product_id in order.product_ids} & set(product_ids)
