"""How SIMs leave the stock and return to it; two orders never get the same SIM.

An eSIM in stock has an entry in its partner's stock partition, sorted by the random half of its id. The
transaction that takes the SIM also removes the entry; of two concurrent ones, only one commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Any

from ulid import ULID

from functions.shared import table
from functions.shared.dynamodb import Conflict
from functions.shared.metrics import ESIM_STOCK
from functions.shared.observability import measure
from functions.shared.records import Key, Partition
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import DEPROVISION_WITHIN, RESERVED_FOR, Reservation, SimProfile

CANDIDATES = 10
SEEN = 50
"""Entries that are read, for 3 read units: a stock of fewer is counted, a larger one estimated within some 15 %."""
EARLIEST = "0" * 10
"""The half of an id that tells its time, of the first id there can be."""
PLACES = 2**80
"""Random halves that there can be."""


def stock_key(partner: str, sim_profile_id: str) -> Key:
    """Return the key of an eSIM's entry while it is in stock."""
    return Key(_stock(partner).pk, _random_half(sim_profile_id))


def stock_entry(profile: SimProfile) -> Mapping[str, Any]:
    """Return the content of the entry."""
    return {"sim_profile_id": profile.id}


def pick_esim(partner: str) -> SimProfile | None:
    """Return a random eSIM of the partner's stock, so that concurrent callers rarely pick the same one, or ``None``.

    It is only a candidate until the transaction that takes it commits.
    """
    start = _random_half(str(ULID(choices().randbytes(16))))
    seen = _in_stock_from(partner, start)
    measure(ESIM_STOCK, in_stock(start, [entry["sk"] for entry in seen]), of=partner)
    if not seen:
        return None
    profile = table.read(SimProfile, partner, choices().choice(seen[:CANDIDATES])["sim_profile_id"])
    if profile is None or profile.status != "in_stock":
        raise Conflict
    return profile


def _in_stock_from(partner: str, start: str) -> list[dict[str, Any]]:
    """Return the entries after a place; after the last one comes the first."""
    behind, _ = table.keys_in(_stock(partner), start, newest_first=False, limit=SEEN)
    if len(behind) == SEEN:
        return behind
    first, _ = table.keys_in(_stock(partner), newest_first=False, limit=SEEN - len(behind))
    return behind + [entry for entry in first if entry["sk"] <= start]


def in_stock(start: str, seen: Sequence[str]) -> int:
    """Return how many eSIMs are in stock, from the sort keys of the first ones after a place.

    Where more lie, it follows from how far apart these lie, as they lie at random: an exact count would need a number
    that every order writes, or a look at all of them.
    """
    if len(seen) < SEEN:
        return len(seen)
    covered = (_place(seen[-1]) - _place(start)) % PLACES
    return round((SEEN - 1) * PLACES / covered)


def _place(random_half: str) -> int:
    return int(ULID.from_str(EARLIEST + random_half))


def choices() -> Random:
    """Return what an eSIM is chosen by: the system's randomness, for the reason that ``dynamodb.jittered`` gives.

    In the sandbox, it can follow from a seed.
    """
    return SystemRandom()


def take_esim(change: Transaction, profile: SimProfile, order_id: str, eid: str | None) -> None:
    """Give the eSIM to an order, for a device if its EID is known."""
    profile.status = "reserved"
    profile.order_id = order_id
    profile.profile_status = "ready_for_installation"
    profile.profile_reported_at = change.at
    profile.eid = eid
    change.release(stock_key(profile.partner, profile.id))
    change.update(profile)


def put_back(change: Transaction, profile: SimProfile, reservation: Reservation | None) -> None:
    """Return an eSIM to stock; reopen the reservation of a physical SIM for 24 hours."""
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


def hold(change: Transaction, reservation: Reservation, order_id: str) -> None:
    """Let an order hold the reservation; it does not expire while the order is in progress."""
    reservation.order_id = order_id
    reservation.due_at = None
    change.update(reservation)


def reopen(change: Transaction, reservation: Reservation) -> None:
    """Release the reservation from the order that held it."""
    reservation.order_id = None
    reservation.expires_at = reservation.due_at = change.at + RESERVED_FOR
    change.update(reservation)


def await_deprovisioning(change: Transaction, profile: SimProfile) -> None:
    """Let the failed order hold the SIM until the network confirms the undoing, or until it is retired."""
    profile.early_reports = []
    profile.due_at = change.at + DEPROVISION_WITHIN
    change.update(profile)


def retire(change: Transaction, profile: SimProfile, reservation: Reservation | None = None) -> None:
    """Retire the SIM, and delete the reservation of a physical one."""
    profile.retire()
    change.update(profile)
    if reservation is not None:
        change.delete(reservation)


def when_due(profile: SimProfile, now: datetime) -> None:
    """Retire a SIM for which the network did not confirm the undoing in time."""
    if profile.status == "reserved" and profile.due_at and profile.due_at <= now:
        change = Transaction()
        retire(change, profile, reservation_of(profile))
        change.commit()


def reservation_of(profile: SimProfile) -> Reservation | None:
    """Return the reservation of a physical SIM, for a partner or one of its orders."""
    return table.read(Reservation, profile.partner, profile.reservation_id) if profile.reservation_id else None


def _stock(partner: str) -> Partition:
    return Partition(None, f"{partner}#esim_stock")


def _random_half(sim_profile_id: str) -> str:
    return sim_profile_id[-16:]
