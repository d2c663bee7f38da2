"""What the mobile network reports by itself: usage, SIMs, countries, ends (contract §6 and §8).

A report counts once, however often it comes: each has a record, written with its effect. A report of where something
is that comes late, after a newer one, changes nothing.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from functions.events.report_shapes import (
    CountryChanged,
    FirstUsage,
    NetworkReport,
    Report,
    SimReport,
    Terminated,
    UsageReport,
)
from functions.products import usage
from functions.products.product import Product, announce, show_product
from functions.shared import clock, table
from functions.shared.clock import Instant
from functions.shared.observability import begin, logger
from functions.shared.records import Record
from functions.shared.table import EVENTS_KEPT, Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions import upkeep
from functions.subscriptions.ending import end_subscription
from functions.subscriptions.subscription import Location, Subscription, show_subscription

REPORTS: TypeAdapter[NetworkReport] = TypeAdapter(NetworkReport)
MOMENT: TypeAdapter[Instant] = TypeAdapter(Instant)


class NotYet(Exception):
    """The subscription is still being activated; the report must wait."""


class ReportRecord(Record):
    """A report that was taken; ``left`` is what of its usage is still to be booked.

    While the subscription is being activated the report waits: its event is kept here, and the clock brings it again.
    """

    KIND = "network_report"
    PREFIX = "rep"

    left: int = 0
    waiting: str | None = None
    ttl: int


class Taking(NamedTuple):
    """A report that is being taken: whose, when it happened, and the transaction that will carry its effect."""

    partner: str
    occurred_at: datetime
    change: Transaction
    left: int
    """What an earlier transaction left of its usage."""


def handler(event: dict[str, Any], _context: Any) -> None:
    """Act on one report of the network."""
    detail = event["detail"]
    begin(partner=detail["partner"], id=detail["id"], event_type=event["detail-type"])
    kind = event["detail-type"].removeprefix("network.")
    report = REPORTS.validate_python(detail | {"type": kind}, extra="ignore")
    occurred_at = MOMENT.validate_python(detail["occurred_at"]) if "occurred_at" in detail else clock.now()
    event = {"detail-type": event["detail-type"], "detail": detail | {"occurred_at": clock.iso(occurred_at)}}
    while table.settle(lambda: _take(detail["partner"], report, occurred_at, json.dumps(event))):
        pass
    logger.info("The network's report is taken.")


def look_after(partner: str, report_id: str) -> None:
    """Take a report that waits, if its subscription is active by now or gone."""
    record = table.read(ReportRecord, partner, report_id)
    if record and record.waiting:
        handler(json.loads(record.waiting), None)


def _take(partner: str, report: Report, occurred_at: datetime, event: str) -> bool:
    """Carry the report out, go on with it, or let it wait; whether something of it is left that can be done now."""
    known = table.read(ReportRecord, partner, str(report.id))
    if known and not known.left and not known.waiting:
        return False
    change = table.Transaction()
    ttl = int((change.at + EVENTS_KEPT).timestamp())
    record = known or ReportRecord(id=str(report.id), partner=partner, created_at=change.at, ttl=ttl)
    try:
        record.left = TAKE[type(report)](report, Taking(partner, occurred_at, change, record.left))
        record.waiting = record.due_at = None
    except NotYet:
        record.waiting, record.due_at = event, change.at
    if known:
        change.update(record)
    else:
        change.create(record)
    change.commit()
    return record.left > 0


def _first_usage(report: FirstUsage, taking: Taking) -> int:
    """The oldest pending product that fits starts."""
    if (subscription := _subscription(taking, report.subscription_id)) is None:
        return 0
    moment, cycle_end = taking.change.at, subscription.plan_cycle_end()
    pending = usage.oldest_pending(_products(subscription), report.country, moment, cycle_end)
    if pending is not None:
        booking = usage.Booking()
        booking.note(pending, usage.begin_use(pending, moment, cycle_end))
        _write(taking.change, subscription, booking)
    return 0


def _usage(report: UsageReport, taking: Taking) -> int:
    """It is booked; what is left comes with the next transaction."""
    if (subscription := _subscription(taking, report.subscription_id)) is None:
        return 0
    amount = taking.left or usage.in_balances_unit(report.allowance_type, report.amount)
    used = usage.Usage(report.allowance_type, amount, report.country, taking.change.at)
    booking = usage.book(used, _products(subscription), subscription.plan_cycle_end())
    _write(taking.change, subscription, booking)
    return booking.left


def _sim(report: SimReport, taking: Taking) -> int:
    """The profile's status; told with the subscription that it serves."""
    sim = table.read(SimProfile, taking.partner, report.sim_profile_id)
    if sim is None:
        return 0
    is_change = sim.see_profile("installed" if report.type == "sim_installed" else "deleted", taking.occurred_at)
    taking.change.update(sim)
    subscription = table.read(Subscription, taking.partner, sim.subscription_id) if sim.subscription_id else None
    if is_change and subscription is not None and subscription.sim_profile.id == sim.id:
        subscription.sim_profile = sim
        _tell(taking.change, subscription, f"subscription.sim_profile.{sim.profile_status}")
    return 0


def _country_changed(report: CountryChanged, taking: Taking) -> int:
    """Where the subscription is, unless it has been somewhere else since."""
    subscription = _subscription(taking, report.subscription_id)
    if subscription is None or subscription.final:
        return 0
    before = subscription.location
    if before and before.reported_at > taking.occurred_at:
        return 0
    if before and before.current_country == report.country:
        before.reported_at = taking.occurred_at
        taking.change.update(subscription)
        return 0
    subscription.location = Location.model_validate(
        {"previous_country": before.current_country if before else None, "current_country": report.country}
        | {"landed_at": taking.occurred_at, "reported_at": taking.occurred_at}
    )
    location = subscription.location.model_dump(mode="json", exclude={"reported_at"}, exclude_none=True)
    _tell(taking.change, subscription, "subscription.sim_profile.country_changed", location=location)
    return 0


def _terminated(report: Terminated, taking: Taking) -> int:
    """The subscription ends with everything it has; an order on its way finds it so and fails."""
    subscription = _subscription(taking, report.subscription_id)
    if subscription is not None and subscription.may_become("terminated"):
        end_subscription(taking.change, subscription, "terminated")
    return 0


TAKE: dict[type[Report], Callable[[Any, Taking], int]] = {
    FirstUsage: _first_usage,
    UsageReport: _usage,
    SimReport: _sim,
    CountryChanged: _country_changed,
    Terminated: _terminated,
}
"""Whoever carries a kind of report out; the answer is what is left of it."""


def _subscription(taking: Taking, subscription_id: str) -> Subscription | None:
    """The subscription as it is due by now; a report of one that is not there changes nothing."""
    subscription = upkeep.up_to_date(taking.partner, subscription_id)
    if subscription is None:
        logger.warning("The network reports of a subscription that is not there.")
    elif subscription.status == "created":
        raise NotYet
    return subscription


def _products(subscription: Subscription) -> list[Product]:
    """Its open products."""
    ids = [product.id for product in subscription.open_products]
    found = table.read_all(subscription.partner, {Product: ids})
    return [product for product_id in ids if (product := found.get(Product, product_id))]


def _write(change: Transaction, subscription: Subscription, booking: usage.Booking) -> None:
    for product in booking.changed.values():
        subscription.note(product)
        change.update(product)
    for product, event_type, percentage in booking.tellings:
        if percentage is None:
            announce(change, product, event_type)
        else:
            threshold = {"allowance_type": "data", "percentage": percentage}
            change.publish(product, event_type, {"product": show_product(product), "threshold": threshold})
    if booking.changed:
        change.update(subscription)


def _tell(change: Transaction, subscription: Subscription, event_type: str, **beside: Any) -> None:
    change.update(subscription)
    change.publish(subscription, event_type, {"subscription": show_subscription(subscription), **beside})
