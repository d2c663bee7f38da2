"""Products: what a subscription holds of an offering (contract §6)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from functions.catalog.offering import AllowanceType, OfferingTerms, Price, show_frozen_offering
from functions.shared.clock import Instant
from functions.shared.links import link
from functions.shared.records import ListedBy
from functions.shared.states import Stateful

ProductStatus = Literal["pending", "scheduled", "active", "depleted", "terminated", "canceled", "expired"]
ActivationMode = Literal["immediate", "first_usage", "scheduled"]


class Balance(BaseModel):
    """What is left of one allowance; a limited one always has ``initial = remaining + spent``."""

    type: Literal["limited", "unlimited"]
    allowance_type: AllowanceType
    unit: Literal["bytes", "minutes", "count"]
    initial: int | None = None
    remaining: int | None = None
    spent: int = 0
    notified_thresholds: list[int] = Field(default_factory=list)
    """The percentages for which this cycle has had its event."""


class Product(Stateful):
    """An offering that a subscription holds, with the terms that its order froze."""

    KIND = "product"
    PREFIX = "prd"
    PLURAL = "products"
    LISTS = (ListedBy("gsi3", "order_id"), ListedBy("gsi2", "subscription_id"), ListedBy("gsi1"))
    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pending": ("active", "canceled", "expired"),
        "scheduled": ("active", "canceled"),
        "active": ("depleted", "terminated", "canceled"),
        "depleted": (),
        "terminated": (),
        "canceled": (),
        "expired": (),
    }

    status: ProductStatus
    subscription_id: str
    order_id: str
    offering: OfferingTerms
    balances: list[Balance]
    prices: list[Price]
    status_reason: Literal["first_usage_activation"] | None = None
    start_at: Instant | None = None
    started_at: Instant | None = None
    end_at: Instant | None = None
    end_decided_by: list[str] = Field(default_factory=list)
    """Who wants a product that renews by itself to end at ``end_at``: orders, by their ids, and the partner."""
    ended_at: Instant | None = None
    billing_cycle_end_at: Instant | None = None
    cycle: int = 1
    """Which of its cycles it is in, if it recurs."""
    expire_at: Instant | None = None
    expired_at: Instant | None = None


ACTIONS = {"activate": ("scheduled", "pending"), "cancel": ("active", "scheduled", "pending")}
"""What a partner can do with a product, and in which statuses."""
SHOWN = {"id", "status", "created_at", "updated_at"}
RUNNING = {"start_at", "started_at", "end_at", "billing_cycle_end_at", "expire_at"}
OVER = {"start_at", "started_at", "end_at", "ended_at"}
SHOWN_IN: Mapping[str, set[str]] = {
    "pending": {"status_reason", "expire_at"},
    "scheduled": {"start_at", "end_at"},
    "active": RUNNING,
    "depleted": OVER,
    "terminated": OVER,
    "canceled": RUNNING | {"status_reason", "ended_at"},
    "expired": {"expire_at", "expired_at"},
}
"""Which dates are shown in which status (contract §6)."""


def needs_plan_cycle(product: Product) -> bool:
    """Whether the product can only be activated while the plan's cycle, with which it would end, lasts."""
    return product.status in ACTIONS["activate"] and product.offering.validity.type == "end_of_plan_cycle"


def show_product(product: Product, *, in_plan_cycle: bool = False) -> dict[str, Any]:
    """The resource of contract §6; ``in_plan_cycle`` matters for products that :func:`needs_plan_cycle` names."""
    body = product.model_dump(mode="json", include=SHOWN | SHOWN_IN[product.status], exclude_none=True)
    if "billing_cycle_end_at" in body:
        body["cycle_end_at"] = body["billing_cycle_end_at"]
    links = {
        "self": link(f"/products/{product.id}"),
        "order": link(f"/orders/{product.order_id}"),
        "subscription": link(f"/subscriptions/{product.subscription_id}"),
    }
    links |= {
        action: link(f"/products/{product.id}/{action}")
        for action, statuses in ACTIONS.items()
        if product.status in statuses and (action != "activate" or in_plan_cycle or not needs_plan_cycle(product))
    }
    return body | {
        "_embedded": {
            "product_offering": show_frozen_offering(product.offering),
            "balances": [show_balance(balance) for balance in product.balances],
            "prices": [price.model_dump(mode="json", exclude_none=True) for price in product.prices],
        },
        "_links": links,
    }


def show_balance(balance: Balance) -> dict[str, Any]:
    """A balance inside its product."""
    return balance.model_dump(mode="json", exclude={"notified_thresholds"}, exclude_none=True)
