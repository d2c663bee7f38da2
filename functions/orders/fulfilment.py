"""Pieces of prepare and complete that several order types share."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn

from functions.orders.kind import StepRefused, Work
from functions.orders.order import Line, Order
from functions.products import terms
from functions.products.product import Product, announce
from functions.shared.ids import new_id
from functions.shared.links import link
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number
from functions.subscriptions.subscription import TAKES_ORDERS, Subscription, show_subscription


def refuse(code: str, detail: str) -> NoReturn:
    """Give the step up for a reason that contract §2 names."""
    raise StepRefused(json.dumps({"code": code, "detail": detail}))


def require_status(subscription: Subscription, takes: Collection[str] = TAKES_ORDERS) -> None:
    """The subscription must still take the order that was accepted for it."""
    if subscription.status not in takes:
        refuse("subscription_not_active", f"The subscription is {subscription.status}.")


def take_sim(work: Work) -> SimProfile:
    """Take the order's new SIM: the reserved physical one, or an eSIM from stock."""
    order = work.order
    if order.sim_type == "psim":
        return _take_reserved(work)
    sim = stock.pick_esim(order.partner)
    if sim is None:
        refuse("no_sim_available", "There is no eSIM in stock.")
    stock.take_esim(work.change, sim, order.id, order.eid)
    order.sim_profile_id = sim.id
    work.new_sim = sim
    return sim


def _take_reserved(work: Work) -> SimProfile:
    order, reservation, sim = work.order, work.reservation, work.new_sim
    if reservation is None or reservation.order_id != order.id or sim is None or sim.status != "reserved":
        refuse("reservation_not_usable", "The reservation no longer holds its SIM.")
    sim.order_id = order.id
    work.change.update(sim)
    return sim


def link_sim(work: Work) -> None:
    """The new SIM serves the subscription from now on; its reservation has done its work."""
    subscription, sim = work.present(), work.new_sim
    if sim is None:
        raise LookupError(f"order {work.order.id} was not prepared")
    sim.status = "active"
    sim.subscription_id = subscription.id
    sim.reservation_id = sim.reservation_expires_at = None
    work.change.update(sim)
    subscription.sim_profile = sim
    if work.reservation is not None:
        work.change.delete(work.reservation)


def tell_sim_is_ready(work: Work) -> None:
    """A new eSIM is linked: its profile waits to be installed, or was seen while the order was on its way.

    What the network saw is published in the order in which it happened, after the profile was ready (contract §5, §8).
    """
    subscription, order = work.present(), work.order
    if subscription.sim_profile.sim_type == "esim":
        about_order = {"id": order.id, "_links": {"self": link(f"/orders/{order.id}")}}
        data = {"subscription": show_subscription(subscription), "order": about_order}
        work.change.publish(subscription, "subscription.sim_profile.ready_for_installation", data)
        sim = subscription.sim_profile
        for report in sim.take_early_reports():
            if sim.see_profile(report):
                data = {"subscription": show_subscription(subscription)}
                work.change.publish(subscription, f"subscription.sim_profile.{report.status}", data)


def note_phone_number(work: Work, answer: dict[str, Any]) -> None:
    """Keep the number that the network gave with its answer, if it gave one for a plan that brings one."""
    subscription, plan = work.present(), work.order.lines[0].offering
    if "msisdn" in answer and plan.phone_number_country:
        number = PhoneNumber(
            id=new_id(PhoneNumber.PREFIX),
            partner=subscription.partner,
            created_at=work.change.at,
            updated_at=work.change.at,
            subscription_id=subscription.id,
            msisdn=answer["msisdn"],
            country=plan.phone_number_country,
        )
        subscription.phone_numbers = [number]
        work.change.create(number)
        work.change.publish(number, "phone_number.active", {"phone_number": show_phone_number(number)})


def make_products(work: Work) -> None:
    """Make the order's products; the plan comes first, so that an add-on of the same order finds its cycle."""
    subscription, moment = work.present(), work.change.at
    for line in work.order.lines:
        product = _product(work.order, line, moment)
        terms.begin(product, line.activation_mode, moment, subscription.plan_cycle_end())
        subscription.note(product)
        work.change.create(product)
        if product.status in {"active", "canceled"}:
            announce(work.change, product)


def _product(order: Order, line: Line, moment: datetime) -> Product:
    return Product(
        id=line.product_id,
        partner=order.partner,
        created_at=moment,
        status="scheduled",
        subscription_id=order.subscription_id,
        order_id=order.id,
        offering=line.offering,
        balances=terms.balances_of(line.offering),
        prices=terms.altered_prices(line.offering, line.price_alterations),
        start_at=line.start_at,
    )
