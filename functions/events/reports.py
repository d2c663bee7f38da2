"""What the mobile network reports by itself: usage, SIMs, countries, ends (contract §6 and §8).

A report counts once, however often it comes: each has a record, written with its effect. A report of where something
is that comes late, after a newer one, changes nothing.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from functions.network.interface import reported, reporting
from functions.network.messages import understand
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
from functions.shared.observability import begin, logger
from functions.shared.records import EVENTS_KEPT, Record
from functions.shared.table import Transaction
from functions.sim_profiles.sim_profile import ProfileReport, SimProfile
from functions.subscriptions import store
from functions.subscriptions.aggregate import SubscriptionAggregate

ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)
REPORT: TypeAdapter[NetworkReport] = TypeAdapter(NetworkReport)


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


class Message(NamedTuple):
    """A report as it came, or as it waited: whose it is, and when it happened."""

    partner: str
    id: str
    occurred_at: datetime
    report: Report

    def event(self) -> str:
        """As the event that brings it again: what we know of it, and nothing else that was sent with it."""
        detail = self.report.model_dump(mode="json")
        detail |= {"partner": self.partner, "occurred_at": clock.iso(self.occurred_at)}
        return json.dumps({"detail-type": reporting(detail.pop("type")), "detail": detail})


class Taking(NamedTuple):
    """A report that is being taken: whose, when it happened, and the transaction that will carry its effect."""

    partner: str
    occurred_at: datetime
    change: Transaction
    left: int
    """What an earlier transaction left of its usage."""


def handler(event: dict[str, Any], _context: Any) -> None:
    """Act on one report of the network. Raises :class:`~functions.network.messages.Malformed`."""
    begin(event_type=event["detail-type"])
    kind = reported(event["detail-type"])
    detail = dict(event["detail"]) if isinstance(event["detail"], Mapping) else {}
    envelope, report = understand(detail | {"type": kind}, ENVELOPE, REPORT)
    begin(partner=envelope.partner, id=envelope.id, event_type=event["detail-type"])
    message = Message(envelope.partner, envelope.id, envelope.occurred_at or clock.now(), report)
    while table.settle(lambda: _take(message)):
        pass
    logger.info("The network's report is taken.")


def look_after(partner: str, report_id: str) -> None:
    """Take a report that waits, if its subscription is active by now or gone."""
    record = table.read(ReportRecord, partner, report_id)
    if record and record.waiting:
        handler(json.loads(record.waiting), None)


def _take(message: Message) -> bool:
    """Carry the report out, go on with it, or let it wait; whether something of it is left that can be done now.

    One that waits already and has to wait on writes nothing, however often the clock looks at it.
    """
    known = table.read(ReportRecord, message.partner, message.id)
    if known and not known.left and not known.waiting:
        return False
    change = table.Transaction()
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
    """The oldest pending product that fits starts."""
    if subscription := _subscription(taking, report.subscription_id):
        subscription.first_usage(report.country)
        taking.change.save(subscription)
    return 0


def _usage(report: UsageReport, taking: Taking) -> int:
    """It is booked; what is left comes with the next transaction."""
    if (subscription := _subscription(taking, report.subscription_id)) is None:
        return 0
    amount = taking.left or usage.in_balances_unit(report.allowance_type, report.amount)
    left = subscription.book(usage.Usage(report.allowance_type, amount, report.country, subscription.at))
    taking.change.save(subscription)
    return left


def _sim(report: SimReport, taking: Taking) -> int:
    """The profile's status; published with the subscription that it serves.

    While an order that has taken the SIM is being carried out, the SIM keeps it: the write that completes the order
    publishes it, the one that undoes it forgets it (contract §5). There is no event for a SIM that serves nobody.
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
    """Where the subscription is, unless it has been somewhere else since."""
    if subscription := _subscription(taking, report.subscription_id):
        subscription.see_country(report.country, taking.occurred_at)
        taking.change.save(subscription)
    return 0


def _terminated(report: Terminated, taking: Taking) -> int:
    """The subscription ends with everything it has; an order on its way finds it so and fails."""
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
"""Whoever carries a kind of report out; the answer is what is left of it."""


def _subscription(taking: Taking, subscription_id: str) -> SubscriptionAggregate | None:
    """Return the subscription as it is due by now; a report of one that is not there changes nothing."""
    subscription = store.up_to_date(taking.partner, subscription_id, taking.change.at)
    if subscription is None:
        logger.warning("The network reports of a subscription that is not there.")
        return None
    if subscription.root.status == "created":
        raise NotYet
    return subscription
