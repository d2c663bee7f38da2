"""Reserving physical SIMs by their activation codes, and the expiry of reservations (contract §7)."""

from datetime import datetime

from functions.shared import table
from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import RESERVED_FOR, Reservation, SimProfile


def begin(change: Transaction, profile: SimProfile) -> None:
    """Reserve a SIM that is in stock."""
    reservation = Reservation(
        id=new_id(Reservation.PREFIX),
        partner=profile.partner,
        created_at=change.at,
        sim_profile_id=profile.id,
        expires_at=change.at + RESERVED_FOR,
        due_at=change.at + RESERVED_FOR,
    )
    profile.status = "reserved"
    profile.reservation_id = reservation.id
    profile.reservation_expires_at = reservation.expires_at
    change.create(reservation)
    change.update(profile)


def prolong(change: Transaction, profile: SimProfile, reservation: Reservation) -> None:
    """Extend a reservation that no order holds by its full time."""
    stock.reopen(change, reservation)
    profile.reservation_expires_at = reservation.expires_at
    change.update(profile)


def when_due(reservation: Reservation, now: datetime) -> None:
    """Return the SIM of an expired reservation to stock; a reservation that an order holds does not expire.

    Raise :class:`~functions.shared.dynamodb.Conflict` if the reservation was extended or taken in the meantime.
    """
    if reservation.usable(now) or reservation.order_id:
        return
    change = Transaction()
    profile = table.read(SimProfile, reservation.partner, reservation.sim_profile_id)
    if profile is not None and profile.status == "reserved" and profile.reservation_id == reservation.id:
        profile.status = "in_stock"
        profile.reservation_id = profile.reservation_expires_at = None
        change.update(profile)
    change.delete(reservation)
    change.commit()
