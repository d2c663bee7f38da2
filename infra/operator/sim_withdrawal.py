"""Withdrawing unused SIMs from a partner's stock, as if they had never been loaded.

A SIM is deleted under the condition that it is still in stock, so either the withdrawal or an order gets it. SIMs that
are already gone are skipped, so the same command finishes an interrupted withdrawal.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from functions.shared import table
from functions.shared.records import Found, Key
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SealedCodes
from functions.sim_profiles.sim_profile import SimProfile, activation_code_key, esim_code_key, iccid_key
from functions.sim_profiles.stock import stock_key
from infra.operator.sims import AT_ONCE
from infra.operator.writing import batches, patiently


class Withdrawal(NamedTuple):
    """The number of withdrawn SIMs, and ICCID → reason for those that stay. All others did not exist."""

    withdrawn: int
    kept: dict[str, str]


def withdraw(partner: str, iccids: Sequence[str], report: Callable[[int], None] = lambda _: None) -> Withdrawal:
    """Withdraw the SIMs that are in the partner's stock. ``report`` is called with the number of SIMs handled."""
    count, kept = 0, dict[str, str]()
    for some in batches([*dict.fromkeys(iccids)], AT_ONCE):
        done = patiently(partial(_withdraw, partner, some))
        count += done.withdrawn
        kept |= done.kept
        report(len(some))
    return Withdrawal(count, kept)


def _withdraw(partner: str, iccids: Sequence[str]) -> Withdrawal:
    guards = table.read_all(partner, {}, [iccid_key(iccid) for iccid in iccids])
    held = {iccid: item for iccid in iccids if (item := guards.item(iccid_key(iccid)))}
    ids = [item["sim_profile_id"] for item in held.values()]
    found = table.read_all(partner, {SimProfile: ids, SealedCodes: ids})
    profiles = {iccid: found.get(SimProfile, item["sim_profile_id"]) for iccid, item in held.items()}
    owned = {iccid: item.get("partner") == partner for iccid, item in held.items()}
    reasons = {iccid: _why_kept(profile, is_own=owned[iccid]) for iccid, profile in profiles.items()}
    going = [profile for iccid, profile in profiles.items() if profile and not reasons[iccid]]
    _remove_all(partner, going, found)
    return Withdrawal(len(going), {iccid: reason for iccid, reason in reasons.items() if reason})


def _remove_all(partner: str, profiles: Sequence[SimProfile], found: Found) -> None:
    change = Transaction()
    standing = table.read_all(partner, {}, [key for profile in profiles for key in _keys(profile)])
    for profile in profiles:
        _remove(change, profile, found.get(SealedCodes, profile.id), standing)
    change.commit()


def _why_kept(profile: SimProfile | None, *, is_own: bool) -> str | None:
    """Return why the SIM is not withdrawn, or ``None``; the partner's own SIM that is missing was just withdrawn."""
    if profile is None:
        return None if is_own else "it belongs to another partner"
    return None if profile.status == "in_stock" else f"it is {profile.status}; only a SIM in stock can be withdrawn"


def _remove(change: Transaction, profile: SimProfile, codes: SealedCodes | None, standing: Found) -> None:
    """Delete the SIM, with everything that its load wrote for it."""
    change.delete(profile)
    if codes:
        change.delete(codes)
    for key in _keys(profile):
        item = standing.item(key)
        if item and item["sim_profile_id"] == profile.id:
            change.release(key)


def _keys(profile: SimProfile) -> Iterator[Key]:
    yield iccid_key(profile.iccid)
    if profile.sim_type == "esim":
        yield esim_code_key(profile.smdp_address or "", profile.matching_id or "")
        yield stock_key(profile.partner, profile.id)
    else:
        yield activation_code_key(profile.partner, profile.activation_code or "")
