"""SIM profiles and their reservations (contract §7)."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from functions.shared.links import link
from functions.shared.moments import Instant
from functions.shared.partners import Guard
from functions.shared.records import Key, ListedBy, Record

RESERVED_FOR = timedelta(hours=24)
DEPROVISION_WITHIN = timedelta(hours=24)
"""How long a SIM waits for the network to confirm the undoing; after that it is retired."""

MAX_EARLY_REPORTS = 10
"""The transaction that completes the order publishes them; of more, the earliest are dropped."""

SimType = Literal["esim", "psim"]


class ProfileReport(BaseModel):
    """A report of the network about an eSIM's profile, and its time."""

    status: Literal["installed", "deleted"]
    reported_at: Instant


class SimProfile(Record):
    """A SIM: an eSIM profile on an SM-DP+, or a physical card with an activation code.

    ``order_id`` names the order that has taken it; ``subscription_id`` the subscription it is linked to.
    """

    KIND = "sim_profile"
    PREFIX = "simp"
    PLURAL = "sim_profiles"
    LISTS = (ListedBy("gsi1", "sim_type"),)
    """Its kind never changes, so nothing that an order does is written to the index; operators count by it."""

    iccid: str
    sim_type: SimType
    status: Literal["in_stock", "reserved", "active", "retired"] = "in_stock"
    profile_status: Literal["ready_for_installation", "installed", "deleted"] | None = None
    profile_reported_at: Instant | None = None
    """The time of the last report; initially, when an order has taken the SIM."""
    early_reports: list[ProfileReport] = Field(default_factory=list)
    """Reports from before the order was complete, oldest first; published once it is complete."""
    matching_id: str | None = None
    smdp_address: str | None = None
    eid: str | None = None
    activation_code: str | None = None
    reservation_id: str | None = None
    reservation_expires_at: Instant | None = None
    order_id: str | None = None
    subscription_id: str | None = None

    @property
    def awaits_completion(self) -> bool:
        """Whether an order in progress has taken it."""
        return self.status == "reserved" and self.order_id is not None and self.due_at is None

    def awaits_deprovisioning(self, order_id: str) -> bool:
        """Return whether this failed order holds it until the network confirms the undoing."""
        return self.status == "reserved" and self.order_id == order_id and self.due_at is not None

    def see_profile(self, report: ProfileReport) -> bool:
        """Apply a report; return whether it changed anything: not if it is late, or the SIM has no profile."""
        if not self._is_news(report):
            return False
        is_change = self.profile_status != report.status
        self.profile_status = report.status
        self.profile_reported_at = report.reported_at
        return is_change

    def keep_report(self, report: ProfileReport) -> None:
        """Store a report until the order that has taken the SIM is complete."""
        if self._is_news(report):
            reports = sorted([*self.early_reports, report], key=lambda kept: kept.reported_at)
            self.early_reports = reports[-MAX_EARLY_REPORTS:]

    def take_early_reports(self) -> list[ProfileReport]:
        """Return and clear the stored reports, oldest first."""
        reports, self.early_reports = self.early_reports, []
        return reports

    def link_to(self, subscription_id: str) -> None:
        """Link it to a subscription, and remove its reservation."""
        self.status = "active"
        self.subscription_id = subscription_id
        self.reservation_id = self.reservation_expires_at = None

    def retire(self) -> None:
        """Retire it: it is never used again."""
        self.status = "retired"
        self.due_at = self.reservation_id = self.reservation_expires_at = None

    def _is_news(self, report: ProfileReport) -> bool:
        is_late = self.profile_reported_at is not None and report.reported_at < self.profile_reported_at
        return self.profile_status is not None and not is_late


class Reservation(Record):
    """A physical SIM that is held for a partner; ``order_id`` is the order that uses it."""

    KIND = "reservation"
    PREFIX = "resv"

    sim_profile_id: str
    expires_at: Instant
    order_id: str | None = None

    def usable(self, moment: Instant) -> bool:
        """Return whether an order may take it."""
        return self.order_id is None and moment < self.expires_at


def activation_code_key(partner: str, activation_code: str) -> Key:
    """Return the key under which an activation code leads to its SIM profile (``sim_profile_id``)."""
    return Key(f"{partner}#activation_code#{activation_code}", "activation_code")


def iccid_key(iccid: str) -> Key:
    """Return the key of the guard against an ICCID that is loaded twice, for any partner."""
    return Key(Guard.ICCID.key(iccid), "iccid")


def esim_code_key(smdp_address: str, matching_id: str) -> Key:
    """Return the key of the guard against two eSIMs with one code, of any partners; host names have no case."""
    return Key(Guard.ESIM_CODE.key(smdp_address.lower(), matching_id), "esim_code")


def luhn_valid(digits: str) -> bool:
    """Return whether the last digit is the check digit of the others (ISO/IEC 7812-1; ITU-T E.118 for ICCIDs)."""
    doubled = [int(digit) * (2 if position % 2 else 1) for position, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def luhn_digit(digits: str) -> str:
    """Return the check digit for the digits."""
    return next(digit for digit in "0123456789" if luhn_valid(digits + digit))


SHOWN = {"id", "iccid", "sim_type", "status"}
SHOWN_OF_ESIM = {"profile_status", "matching_id", "smdp_address"}
SHOWN_OF_RESERVED = {"reservation_id", "reservation_expires_at"}


def show_sim_profile(profile: SimProfile) -> dict[str, Any]:
    """Return the resource of contract §7."""
    shown = SHOWN
    if profile.sim_type == "esim":
        shown = SHOWN | SHOWN_OF_ESIM
    elif profile.status == "reserved":
        shown = SHOWN | SHOWN_OF_RESERVED
    body = profile.model_dump(mode="json", include=shown, exclude_none=True)
    if profile.eid:
        body["_embedded"] = {"device": {"uicc": {"eid": profile.eid}}}
    path = f"/sim-profiles/{profile.id}"
    return body | {"_links": {"self": link(path), "secret-codes": link(f"{path}/secret-codes")}}
