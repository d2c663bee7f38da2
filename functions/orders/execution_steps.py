"""Parts of ``prepare`` and ``complete`` that several order types share."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NoReturn

from functions.orders.kind import StepRefused, Work
from functions.orders.order import Line, Order
from functions.products.balances import altered_prices, balances_of
from functions.products.product import Product
from functions.shared import table
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import TAKES_ORDERS, Subscription


def refuse(code: str, detail: str) -> NoReturn:
    """Raise :class:`StepRefused` with a code of contract §2 (Failure)."""
    raise StepRefused(json.dumps({"code": code, "detail": detail}))


def require_status(subscription: Subscription, takes: Collection[str] = TAKES_ORDERS) -> None:
    """Raise :class:`StepRefused` if the subscription no longer allows the order."""
    if subscription.status not in takes:
        refuse("subscription_not_active", f"The subscription is {subscription.status}.")


def take_sim(work: Work) -> SimProfile:
    """Take the order's new SIM: the reserved physical one, or an eSIM from stock."""
    order = work.order
    if order.sim_type == "psim":
        return _take_reserved(work)
    wanted = work.wanted_sim_id
    sim = _wanted(order.partner, wanted) if wanted else stock.pick_esim(order.partner)
    if sim is None:
        refuse("no_sim_available", "No eSIM is in stock.")
    stock.take_esim(work.change, sim, order.id, order.eid)
    order.sim_profile_id = sim.id
    work.new_sim = sim
    return sim


def _wanted(partner: str, sim_profile_id: str) -> SimProfile:
    sim = table.read(SimProfile, partner, sim_profile_id)
    if sim is None or sim.status != "in_stock":
        refuse("no_sim_available", "The eSIM that the network has for the order is not in stock.")
    return sim


def _take_reserved(work: Work) -> SimProfile:
    order, reservation, sim = work.order, work.reservation, work.new_sim
    if reservation is None or reservation.order_id != order.id or sim is None or sim.status != "reserved":
        refuse("reservation_not_usable", "The reserved SIM is no longer available.")
    sim.order_id = order.id
    work.change.update(sim)
    return sim


def link_sim(work: Work) -> None:
    """Link the new SIM to the subscription, and delete its reservation."""
    if work.new_sim is None:
        raise LookupError(f"order {work.order.id} was not prepared")
    work.present().link_sim(work.new_sim)
    work.found_by["iccid"] = work.new_sim.iccid
    if work.reservation is not None:
        work.change.delete(work.reservation)


def make_products(work: Work) -> None:
    """Create the order's products: the plan first, because an add-on may end with the plan's cycle."""
    for line in work.order.lines:
        work.present().add(_product(work.order, line, work.change.at), line.activation_mode)


def _product(order: Order, line: Line, moment: datetime) -> Product:
    return Product(
        id=line.product_id,
        partner=order.partner,
        created_at=moment,
        status="scheduled",
        subscription_id=order.subscription_id,
        order_id=order.id,
        offering=line.offering,
        balances=balances_of(line.offering),
        prices=altered_prices(line.offering, line.price_alterations),
        start_at=line.start_at,
    )
