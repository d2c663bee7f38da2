"""The bodies of orders, as a partner sends them; ``fields`` are more members, or other values."""

from typing import Any

AT_CYCLE_END = {"mode": "end_of_cycle"}
Item = dict[str, Any]


def addons(*offerings: str, mode: str = "immediate", **fields: Any) -> list[Item]:
    """Add-ons as an order names them."""
    return [{"product_offering_id": offering, "activation_mode": mode, **fields} for offering in offerings]


def sold(plan: str | None, *extras: str, mode: str = "immediate") -> Item:
    """The ``products`` of an order: a plan, or none, and add-ons."""
    products: Item = {"plan": {"product_offering_id": plan}} if plan else {}
    return products | {"addons": addons(*extras, mode=mode)}


def activation(subscriber_id: str, plan: str, /, *extras: str, **fields: Any) -> Item:
    """An activation with an eSIM, a plan and add-ons."""
    body = {"type": "activate_subscription", "subscriber_id": subscriber_id, "purchase_location": "DE"}
    return body | {"sim_profile": {"sim_type": "esim"}, "products": sold(plan, *extras)} | fields


def topup(subscription_id: str, /, *extras: str, mode: str = "immediate", **fields: Any) -> Item:
    """A top-up with add-ons."""
    body = {"type": "topup_subscription", "subscription_id": subscription_id, "purchase_location": "DE"}
    return body | {"products": sold(None, *extras, mode=mode)} | fields


def plan_change(subscription_id: str, plan: str, /, *extras: str, **fields: Any) -> Item:
    """A change to the plan, with add-ons."""
    body = {"type": "change_subscription_plan", "subscription_id": subscription_id, "purchase_location": "DE"}
    return body | {"products": sold(plan, *extras)} | fields


def swap(subscription_id: str, /, **fields: Any) -> Item:
    """A swap for another eSIM."""
    return {"type": "swap_subscription_sim", "subscription_id": subscription_id} | fields


def cancellation(subscription_id: str, /, **fields: Any) -> Item:
    """The cancellation of a subscription."""
    return {"type": "cancel_subscription", "subscription_id": subscription_id} | fields


def products_cancellation(subscription_id: str, /, *product_ids: str, **fields: Any) -> Item:
    """The cancellation of some products of a subscription."""
    body = {"type": "cancel_subscription_products", "subscription_id": subscription_id}
    return body | {"product_ids": list(product_ids)} | fields
