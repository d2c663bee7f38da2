"""The members of :class:`Order` that every order type fills in the same way."""

from typing import Any

from functions.catalog.offering import Offering, Price
from functions.orders.order import Line
from functions.orders.requests import AddonChoice, Device, Esim, PhysicalSim, PlanChoice, Products
from functions.products.product import Product
from functions.shared.ids import new_id
from functions.shared.records import Found
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.subscription import Subscription


def about(subscription: Subscription | None) -> dict[str, Any]:
    """Return what an order on a subscription stores of it."""
    if subscription is None:
        raise LookupError("an order without fault has a subscription")
    return {
        "subscription_id": subscription.id,
        "subscriber_id": subscription.subscriber_id,
        "account_id": subscription.account_id,
    }


def lines_of(products: Products, found: Found) -> list[Line]:
    """Return the products to create, the plan first, with frozen copies of their offerings."""
    choices: list[PlanChoice | AddonChoice] = [products.plan] if products.plan else []
    return [_line(choice, found) for choice in [*choices, *products.addons]]


def sim_of(choice: Esim | PhysicalSim | None, device: Device | None, found: Found) -> dict[str, Any]:
    """Return the new SIM to take: any eSIM (the default), or the reserved physical one."""
    if isinstance(choice, PhysicalSim):
        reservation = found.get(Reservation, choice.reservation_id)
        sim_profile_id = reservation.sim_profile_id if reservation else None
        return {"sim_type": "psim", "reservation_id": choice.reservation_id, "sim_profile_id": sim_profile_id}
    return {"sim_type": "esim", "eid": device.uicc.eid if device else None}


def _line(choice: PlanChoice | AddonChoice, found: Found) -> Line:
    offering = found.get(Offering, choice.product_offering_id)
    if offering is None:
        raise LookupError("an order without fault has its offerings")
    return Line(
        product_id=new_id(Product.PREFIX),
        offering=offering.terms(),
        activation_mode=choice.activation_mode or "immediate",
        start_at=choice.start_at if isinstance(choice, AddonChoice) else None,
        price_alterations=[Price.model_validate(price.model_dump()) for price in choice.price_alterations],
    )
