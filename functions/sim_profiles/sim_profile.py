"""SIM profiles and their reservations (contract §7)."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from functions.shared.clock import Instant
from functions.shared.links import link
from functions.shared.records import Key, Record

RESERVED_FOR = timedelta(hours=24)
DEPROVISION_WITHIN = timedelta(hours=24)
"""How long a SIM waits for the network to confirm that it is free again; after that it is never used again."""

MAX_EARLY_REPORTS = 10
"""They are published by the transaction that completes the order; of more, the earliest are forgotten."""

SimType = Literal["esim", "psim"]


class ProfileReport(BaseModel):
    """What the network has seen of an eSIM's profile, and when."""

    status: Literal["installed", "deleted"]
    reported_at: Instant


class SimProfile(Record):
    """One SIM: an eSIM profile on an SM-DP+, or a physical card with its activation code.

    ``order_id`` names the order that has taken it; ``subscription_id`` the subscription it is linked to.
    """

    KIND = "sim_profile"
    PREFIX = "simp"

    iccid: str
    sim_type: SimType
    status: Literal["in_stock", "reserved", "active", "retired"] = "in_stock"
    profile_status: Literal["ready_for_installation", "installed", "deleted"] | None = None
    profile_reported_at: Instant | None = None
    """When the network saw the profile change last; at first, when an order has taken the SIM."""
    early_reports: list[ProfileReport] = Field(default_factory=list)
    """What it saw while the order was being carried out, oldest first: published once the order is complete."""
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
        """Whether an order has taken it that is being carried out."""
        return self.status == "reserved" and self.order_id is not None and self.due_at is None

    def awaits_deprovisioning(self, order_id: str) -> bool:
        """Whether it stays with this order, which has failed, until the network says that it is free."""
        return self.status == "reserved" and self.order_id == order_id and self.due_at is not None

    def see_profile(self, report: ProfileReport) -> bool:
        """Take what the network saw; whether that was a change: not if it comes late, or the SIM has no profile."""
        if not self._is_news(report):
            return False
        is_change = self.profile_status != report.status
        self.profile_status = report.status
        self.profile_reported_at = report.reported_at
        return is_change

    def keep_report(self, report: ProfileReport) -> None:
        """Keep what the network saw until the order that has taken the SIM is complete."""
        if self._is_news(report):
            reports = sorted([*self.early_reports, report], key=lambda kept: kept.reported_at)
            self.early_reports = reports[-MAX_EARLY_REPORTS:]

    def take_early_reports(self) -> list[ProfileReport]:
        """What was kept, oldest first; it is kept no longer."""
        reports, self.early_reports = self.early_reports, []
        return reports

    def link_to(self, subscription_id: str) -> None:
        """Serve a subscription from now on; a reservation has done its work."""
        self.status = "active"
        self.subscription_id = subscription_id
        self.reservation_id = self.reservation_expires_at = None

    def retire(self) -> None:
        """Never be used again."""
        self.status = "retired"
        self.due_at = self.reservation_id = self.reservation_expires_at = None

    def _is_news(self, report: ProfileReport) -> bool:
        is_late = self.profile_reported_at is not None and report.reported_at < self.profile_reported_at
        return self.profile_status is not None and not is_late


class Reservation(Record):
    """A physical SIM held for a partner; ``order_id`` names the order that holds it in turn."""

    KIND = "reservation"
    PREFIX = "resv"

    sim_profile_id: str
    expires_at: Instant
    order_id: str | None = None

    def usable(self, moment: Instant) -> bool:
        """Whether an order may take it."""
        return self.order_id is None and moment < self.expires_at


def activation_code_key(partner: str, activation_code: str) -> Key:
    """Where a physical SIM's activation code points to its profile (``sim_profile_id``)."""
    return Key(f"{partner}#activation_code#{activation_code}", "activation_code")


def iccid_key(iccid: str) -> Key:
    """The guard that keeps an ICCID from being loaded twice, for whichever partner."""
    return Key(f"iccid#{iccid}", "iccid")


def esim_code_key(smdp_address: str, matching_id: str) -> Key:
    """The guard that keeps two eSIMs, of whichever partners, from having one code; host names have no case."""
    return Key(f"esim_code#{smdp_address.lower()}#{matching_id}", "esim_code")


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, as ITU-T E.118 asks of an ICCID)."""
    doubled = [int(digit) * (2 if position % 2 else 1) for position, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def luhn_digit(digits: str) -> str:
    """The check digit to put behind the digits."""
    return next(digit for digit in "0123456789" if luhn_valid(digits + digit))


SHOWN = {"id", "iccid", "sim_type", "status"}
SHOWN_OF_ESIM = {"profile_status", "matching_id", "smdp_address"}
SHOWN_OF_RESERVED = {"reservation_id", "reservation_expires_at"}


def show_sim_profile(profile: SimProfile) -> dict[str, Any]:
    """The resource of contract §7."""
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
