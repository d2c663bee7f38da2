"""Products: the offerings that a subscription has (contract §6)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from functions.catalog.offering import AllowanceType, OfferingTerms, Price, show_frozen_offering
from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.records import ListedBy
from functions.shared.states import Stateful

ProductStatus = Literal["pending", "scheduled", "active", "depleted", "terminated", "canceled", "expired"]
ActivationMode = Literal["immediate", "first_usage", "scheduled"]


class Balance(BaseModel):
    """The balance of an allowance; if it is limited, ``initial = remaining + spent``."""

    type: Literal["limited", "unlimited"]
    allowance_type: AllowanceType
    unit: Literal["bytes", "minutes", "count"]
    initial: int | None = None
    remaining: int | None = None
    spent: int = 0
    notified_thresholds: list[int] = Field(default_factory=list)
    """The percentages whose events were published in this cycle."""


class Product(Stateful):
    """An offering that a subscription has, with the terms that its order froze."""

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
    """Who decided that a product that renews ends at ``end_at``: orders, by their ids, and the partner."""
    ended_at: Instant | None = None
    billing_cycle_end_at: Instant | None = None
    cycle: int = 1
    """The number of its current cycle, if it recurs."""
    expire_at: Instant | None = None
    expired_at: Instant | None = None


ACTIONS = {"activate": ("scheduled", "pending"), "cancel": ("active", "scheduled", "pending")}
"""The actions of a partner on a product, and the statuses that allow them."""
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
"""The dates that are shown in each status (contract §6)."""


def needs_plan_cycle(product: Product) -> bool:
    """Return whether the product would end with the plan's cycle, and so can only be activated during one."""
    return product.status in ACTIONS["activate"] and product.offering.validity.type == "end_of_plan_cycle"


def show_product(product: Product, *, in_plan_cycle: bool = False) -> dict[str, Any]:
    """Return the resource of contract §6; ``in_plan_cycle`` only matters if :func:`needs_plan_cycle`."""
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
    """Return a balance as its product shows it."""
    return balance.model_dump(mode="json", exclude={"notified_thresholds"}, exclude_none=True)
