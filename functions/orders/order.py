"""Orders: their record, their statuses and how the API shows them (contract §2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from functions.catalog.offering import OfferingTerms, Price
from functions.products.product import ActivationMode
from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.records import Key, ListedBy
from functions.shared.states import Stateful
from functions.sim_profiles.sim_profile import SimType
from functions.subscriptions.subscription import Subscription, show_embedded

OrderStatus = Literal["accepted", "scheduled", "on_hold", "fulfilling", "completed", "failed", "canceled", "expired"]
Reference = Annotated[str, Field(min_length=1, max_length=64)]
"""The partner's own name for an order."""
Step = Literal["prepare", "provision", "complete"]
ReachedStep = Literal["prepare", "provision"]
"""Completing and undoing are one write each, which ends the order: it is never seen between them."""


class Line(BaseModel):
    """A product to create: its id is chosen, and its terms are frozen, when the order is accepted."""

    product_id: str
    offering: OfferingTerms
    activation_mode: ActivationMode = "immediate"
    start_at: Instant | None = None
    price_alterations: list[Price] = Field(default_factory=list)


class ScheduleTerms(BaseModel):
    """The mode of the schedule, and the resulting UTC date."""

    mode: Literal["end_of_cycle", "specific_date"]
    effective_at: str


class Failure(BaseModel):
    """Why an order failed; ``retriable`` if the same content can be sent again with a new key and reference."""

    code: str
    step: Step
    detail: str
    retriable: bool


class HistoryEntry(BaseModel):
    """A status of the order, and when it began."""

    status: OrderStatus
    at: Instant
    reason: str | None = None


class Order(Stateful):
    """An order. ``lines`` begins with the plan, if any; ``sim_profile_id`` is the new SIM once it is taken."""

    KIND = "order"
    PREFIX = "ord"
    PLURAL = "orders"
    LISTS = (
        ListedBy("gsi2", "subscription_id"),
        ListedBy("gsi3", "subscriber_id"),
        ListedBy("gsi1", "status"),
        ListedBy(None),  # read consistently; see :func:`list_entry_key`
    )
    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "accepted": ("scheduled", "on_hold", "fulfilling"),
        "scheduled": ("fulfilling", "canceled"),
        "on_hold": ("fulfilling", "canceled", "expired"),
        "fulfilling": ("completed", "failed"),
        "completed": (),
        "failed": (),
        "canceled": (),
        "expired": (),
    }

    type: str
    status: OrderStatus = "accepted"
    subscription_id: str
    subscriber_id: str
    account_id: str
    lines: list[Line] = Field(default_factory=list)
    product_ids: list[str] = Field(default_factory=list)
    product_ends: dict[str, Instant] = Field(default_factory=dict)
    """The ends that the order sets for its products, if it waits for the last of them."""
    schedule: ScheduleTerms | None = None
    release_at: Instant | None = None
    on_hold_condition: Literal["porting"] | None = None
    sim_type: SimType | None = None
    eid: str | None = None
    reservation_id: str | None = None
    sim_profile_id: str | None = None
    purchase_location: str | None = None
    payment_intent_id: str | None = None
    invoice: dict[str, Any] | None = None
    reference: str | None = None
    correlation_id: str | None = None
    """That of the request that placed it, for the log."""
    history: list[HistoryEntry] = Field(default_factory=list)
    expected_by: Instant | None = None
    prepared_at: Instant | None = None
    """Unless it was prepared by a version that kept only ``prepared``."""
    completed_at: Instant | None = None
    canceled_at: Instant | None = None
    failure: Failure | None = None
    prepared: bool = False
    delayed: bool = False
    event_ids: list[str] = Field(default_factory=list)
    """The events that its own steps made, which are listed by it."""

    @property
    def reached_step(self) -> ReachedStep | None:
        """The step that an order which is being fulfilled has reached, as far as its record tells."""
        if self.status != "fulfilling":
            return None
        return "provision" if self.prepared else "prepare"

    def enter(self, status: OrderStatus, moment: datetime, reason: str | None = None) -> None:
        """Move to the status, and add it to the history."""
        self.move_to(status)
        self.remember(moment, reason)

    def remember(self, moment: datetime, reason: str | None = None) -> None:
        """Add the current status to the history."""
        self.history.append(HistoryEntry(status=self.status, at=moment, reason=reason))


def list_entry_key(order: Order) -> Key:
    """Return the key of the order's entry in the list of all orders."""
    return Key(Order.partition(order.partner).pk, order.sort_key())


def reference_key(partner: str, reference: str) -> Key:
    """Return the key of the guard that reserves a reference for one order (``order_id``) forever."""
    return Key(f"{partner}#reference#{reference}", "reference")


SHOWN = {"id", "status", "type", "created_at", "updated_at", "completed_at", "payment_intent_id", "reference"}
SHOWN |= {"canceled_at", "schedule", "on_hold_condition", "expected_by", "prepared_at", "failure"}


def show_summary(order: Order) -> dict[str, Any]:
    """Return the order as lists show it."""
    links = {
        "self": link(f"/orders/{order.id}"),
        "subscriber": link(f"/subscribers/{order.subscriber_id}"),
        "history": link(f"/orders/{order.id}/history"),
    }
    if order.may_become("canceled"):
        links["cancel"] = link(f"/orders/{order.id}/cancel")
    if order.status == "on_hold":
        links["resume"] = link(f"/orders/{order.id}/resume")
    step = {"reached_step": order.reached_step} if order.reached_step else {}
    return order.model_dump(mode="json", include=SHOWN, exclude_none=True) | step | {"_links": links}


def order_link(order: Order) -> dict[str, Any]:
    """Return the order as events of other resources name it (contract §8)."""
    return {"id": order.id, "_links": {"self": link(f"/orders/{order.id}")}}


def show_order(order: Order, subscription: Subscription | None) -> dict[str, Any]:
    """Return the resource of contract §2; it embeds the subscription once there is one."""
    body = show_summary(order)
    if subscription is not None:
        body["_embedded"] = {"subscription": show_embedded(subscription)}
    return body
