"""How SIMs leave the stock and come back, so that no two orders ever get the same one.

An eSIM in stock has an entry in its partner's stock partition, sorted by the random half of its id. Whoever takes
the SIM removes the entry in the same transaction; of two who try, the table lets one through.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ulid import ULID

from functions.shared import table
from functions.shared.records import Key, Partition
from functions.sim_profiles.sim_profile import DEPROVISION_WITHIN, RESERVED_FOR, Reservation, SimProfile

CANDIDATES = 10


def stock_key(partner: str, sim_profile_id: str) -> Key:
    """Where an eSIM lies while it is in stock."""
    return Key(_stock(partner).pk, _random_half(sim_profile_id))


def stock_entry(profile: SimProfile) -> Mapping[str, Any]:
    """What lies there."""
    return {"sim_profile_id": profile.id}


def pick_esim(partner: str) -> SimProfile | None:
    """One of the partner's eSIMs in stock, by chance another one for each caller; ``None`` if there is none.

    It is only a candidate until the transaction that takes it commits.
    """
    start = _random_half(str(ULID()))
    candidates, _ = table.keys_in(_stock(partner), start, newest_first=False, limit=CANDIDATES)
    if not candidates:
        candidates, _ = table.keys_in(_stock(partner), newest_first=False, limit=CANDIDATES)
    if not candidates:
        return None
    profile = table.read(SimProfile, partner, secrets.choice(candidates)["sim_profile_id"])
    if profile is None or profile.status != "in_stock":
        raise table.Conflict
    return profile


def take_esim(change: table.Transaction, profile: SimProfile, order_id: str, eid: str | None) -> None:
    """Give the eSIM to an order, for a device if its EID is known."""
    profile.status = "reserved"
    profile.order_id = order_id
    profile.profile_status = "ready_for_installation"
    profile.profile_reported_at = change.at
    profile.eid = eid
    change.release(stock_key(profile.partner, profile.id))
    change.update(profile)


def put_back(change: table.Transaction, profile: SimProfile, reservation: Reservation | None) -> None:
    """Take a SIM back from its order: an eSIM into stock, a physical SIM into its reservation, open for 24 h again."""
    profile.order_id = profile.due_at = None
    profile.early_reports = []
    if profile.sim_type == "esim":
        profile.status = "in_stock"
        profile.profile_status = profile.profile_reported_at = profile.eid = None
        change.claim(stock_key(profile.partner, profile.id), stock_entry(profile))
    elif reservation is not None:
        reopen(change, reservation)
        profile.reservation_expires_at = reservation.expires_at
    change.update(profile)


def hold(change: table.Transaction, reservation: Reservation, order_id: str) -> None:
    """An order takes the reservation; it does not run out while the order is on its way."""
    reservation.order_id = order_id
    reservation.due_at = None
    change.update(reservation)


def reopen(change: table.Transaction, reservation: Reservation) -> None:
    """The order that held the reservation lets go of it."""
    reservation.order_id = None
    reservation.expires_at = reservation.due_at = change.at + RESERVED_FOR
    change.update(reservation)


def await_deprovisioning(change: table.Transaction, profile: SimProfile) -> None:
    """Leave the SIM with its failed order until the network says that it is free, or until it is given up."""
    profile.early_reports = []
    profile.due_at = change.at + DEPROVISION_WITHIN
    change.update(profile)


def retire(change: table.Transaction, profile: SimProfile, reservation: Reservation | None = None) -> None:
    """The SIM is never used again; a physical one's reservation goes with it."""
    profile.retire()
    change.update(profile)
    if reservation is not None:
        change.delete(reservation)


def when_due(profile: SimProfile, now: datetime) -> None:
    """Retire a SIM whose network never confirmed that it is free."""
    if profile.status == "reserved" and profile.due_at and profile.due_at <= now:
        change = table.Transaction()
        retire(change, profile, reservation_of(profile))
        change.commit()


def reservation_of(profile: SimProfile) -> Reservation | None:
    """The reservation that holds a physical SIM, for a partner or for an order of it."""
    return table.read(Reservation, profile.partner, profile.reservation_id) if profile.reservation_id else None


def _stock(partner: str) -> Partition:
    return Partition(None, f"{partner}#esim_stock")


def _random_half(sim_profile_id: str) -> str:
    return sim_profile_id[-16:]
