"""The mobile network's reports: usage, SIMs, countries, terminations (contract §6 and §8).

A report counts once, however often it arrives: each has a record, written with its effect. A report of a country or a
profile that arrives after a newer one changes nothing.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from functions.network.interface import reported, reporting
from functions.network.messages import Malformed, understand
from functions.network.reports import (
    CountryChanged,
    Envelope,
    FirstUsage,
    NetworkReport,
    Report,
    SimReport,
    Terminated,
    UsageReport,
)
from functions.products import usage
from functions.shared import clock, table
from functions.shared.event import EVENTS_KEPT
from functions.shared.observability import logger, named, observed, set_log_context
from functions.shared.records import Expiring
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import ProfileReport, SimProfile
from functions.subscriptions import store
from functions.subscriptions.aggregate import SubscriptionAggregate

ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)
REPORT: TypeAdapter[NetworkReport] = TypeAdapter(NetworkReport)


class NotYet(Exception):
    """The subscription is still being activated, so the report must wait."""


class ReportRecord(Expiring):
    """A report that was received; ``left`` is the usage that is still to be booked.

    While the subscription is being activated, the report waits: its event is stored here, and the clock retries it.
    """

    KIND = "network_report"
    PREFIX = "rep"

    left: int = 0
    waiting: str | None = None


class Message(NamedTuple):
    """A report, new or one that waited: its partner, and when it happened."""

    partner: str
    id: str
    occurred_at: datetime
    report: Report

    def event(self) -> str:
        """Return the event that brings it again, with its known members only."""
        detail = self.report.model_dump(mode="json")
        detail |= {"partner": self.partner, "occurred_at": clock.iso(self.occurred_at)}
        return json.dumps({"detail-type": reporting(detail.pop("type")), "detail": detail})


class Taking(NamedTuple):
    """A report that is being applied: its partner, its time, and the transaction of its effect."""

    partner: str
    occurred_at: datetime
    change: Transaction
    left: int
    """The usage that an earlier transaction left."""


@observed(Malformed)
def handler(event: dict[str, Any], _context: object) -> None:
    """Handle one report of the network. Raise :class:`~functions.network.messages.Malformed` if it is malformed."""
    _handle(event)


def when_due(partner: str, report_id: str) -> None:
    """Handle a report that waits, once its subscription is active or deleted."""
    record = table.read(ReportRecord, partner, report_id)
    if record and record.waiting:
        _handle(json.loads(record.waiting))


def _handle(event: Mapping[str, Any]) -> None:
    set_log_context(event_type=event["detail-type"])
    kind = reported(event["detail-type"])
    detail = dict(event["detail"]) if isinstance(event["detail"], Mapping) else {}
    envelope, report = understand(detail | {"type": kind}, ENVELOPE, REPORT)
    subject = report.sim_profile_id if isinstance(report, SimReport) else report.subscription_id
    set_log_context(partner=envelope.partner, report_id=envelope.id, event_type=event["detail-type"], **named(subject))
    message = Message(envelope.partner, envelope.id, envelope.occurred_at or clock.now(), report)
    while table.retry_on_conflict(lambda: _take(message)):
        pass
    logger.info("The network's report is taken.")


def _take(message: Message) -> bool:
    """Apply the report, continue with it, or let it wait; return whether it must be continued now.

    A report that is already waiting and must wait longer writes nothing.
    """
    known = table.read(ReportRecord, message.partner, message.id)
    if known and not known.left and not known.waiting:
        return False
    change = Transaction()
    ttl = int((change.at + EVENTS_KEPT).timestamp())
    record = known or ReportRecord(id=message.id, partner=message.partner, created_at=change.at, ttl=ttl)
    taking = Taking(message.partner, message.occurred_at, change, record.left)
    try:
        record.left = TAKE[type(message.report)](message.report, taking)
        record.waiting = record.due_at = None
    except NotYet:
        if record.waiting:
            return False
        record.waiting, record.due_at = message.event(), change.at
    if known:
        change.update(record)
    else:
        change.create(record)
    change.commit()
    return record.left > 0


def _first_usage(report: FirstUsage, taking: Taking) -> int:
    """Start the oldest matching pending product."""
    if subscription := _subscription(taking, report.subscription_id):
        subscription.first_usage(report.country)
        taking.change.save(subscription)
    return 0


def _usage(report: UsageReport, taking: Taking) -> int:
    """Book the usage; what is left is booked by the next transaction."""
    if (subscription := _subscription(taking, report.subscription_id)) is None:
        return 0
    amount = taking.left or usage.in_balances_unit(report.allowance_type, report.amount)
    left = subscription.book(usage.Usage(report.allowance_type, amount, report.country, subscription.at))
    taking.change.save(subscription)
    return left


def _sim(report: SimReport, taking: Taking) -> int:
    """Apply the profile's new status, and publish it with the subscription of the SIM.

    If an order in progress has taken the SIM, the report is stored on the SIM: the write that completes the order
    publishes it, the write that undoes the order deletes it (contract §5). A SIM without a subscription has no events.
    """
    sim = table.read(SimProfile, taking.partner, report.sim_profile_id)
    if sim is None:
        logger.warning("The network reports of a SIM that is not there.")
        return 0
    status = "installed" if report.type == "sim_installed" else "deleted"
    seen = ProfileReport(status=status, reported_at=taking.occurred_at)
    if sim.awaits_completion:
        sim.keep_report(seen)
        taking.change.update(sim)
    elif sim.subscription_id:
        _see_profile(taking, sim, seen)
    return 0


def _see_profile(taking: Taking, sim: SimProfile, seen: ProfileReport) -> None:
    subscription = store.load(taking.partner, str(sim.subscription_id), taking.change.at)
    if subscription is not None and subscription.root.sim_profile.id == sim.id:
        subscription.see_profile(seen)
        taking.change.save(subscription)
    else:
        sim.see_profile(seen)
        taking.change.update(sim)


def _country_changed(report: CountryChanged, taking: Taking) -> int:
    """Apply the subscription's country, unless a newer one is known."""
    if subscription := _subscription(taking, report.subscription_id):
        subscription.see_country(report.country, taking.occurred_at)
        taking.change.save(subscription)
    return 0


def _terminated(report: Terminated, taking: Taking) -> int:
    """Terminate the subscription and everything that belongs to it; an order in progress then fails."""
    subscription = _subscription(taking, report.subscription_id)
    if subscription is not None and subscription.root.may_become("terminated"):
        subscription.close("terminated")
        taking.change.save(subscription)
    return 0


TAKE: dict[type[Report], Callable[[Any, Taking], int]] = {
    FirstUsage: _first_usage,
    UsageReport: _usage,
    SimReport: _sim,
    CountryChanged: _country_changed,
    Terminated: _terminated,
}
"""Kind of report → the function that applies it and returns the usage that is left."""


def _subscription(taking: Taking, subscription_id: str) -> SubscriptionAggregate | None:
    """Return the subscription, up to date; ``None`` if it does not exist, and the report changes nothing."""
    subscription = store.up_to_date(taking.partner, subscription_id, taking.change.at)
    if subscription is None:
        logger.warning("The network reports of a subscription that is not there.")
        return None
    if subscription.root.status == "created":
        raise NotYet
    return subscription
