"""Loading SIMs into a partner's stock (contract §7).

A SIM that already exists with the same data is not changed, so the same load finishes an interrupted one.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.ids import new_id
from functions.shared.records import Found, Key
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import seal
from functions.sim_profiles.sim_profile import SimProfile, iccid_key
from functions.sim_profiles.stock import stock_entry, stock_key
from infra.operator.sim_entries import SimEntry, repeats
from infra.operator.writing import MAX_WRITES, batches, patiently

WRITES_PER_SIM = 5
AT_ONCE = MAX_WRITES // WRITES_PER_SIM
THREADS = 8


class SimsRefused(Exception):
    """SIMs that cannot be loaded: position → reasons."""

    def __init__(self, reasons: Mapping[int, Sequence[str]]) -> None:
        super().__init__("; ".join(reason for some in reasons.values() for reason in some))
        self.reasons = reasons


def load(partner: str, entries: Sequence[SimEntry]) -> list[SimProfile]:
    """Put the SIMs in the partner's stock; return the new ones.

    Raise :class:`SimsRefused`, and load nothing, if one conflicts with another SIM.
    """
    reasons: dict[int, list[str]] = {}
    for position, name, _ in repeats(entries):
        reasons.setdefault(position, []).append(f"{name} is given twice")
    if reasons:
        raise SimsRefused(reasons)
    return [profile for some in batches(missing(partner, entries), AT_ONCE) for profile in _add_some(partner, some)]


def missing(
    partner: str, entries: Sequence[SimEntry], report: Callable[[int], None] = lambda _: None
) -> list[SimEntry]:
    """Return the SIMs that do not exist yet. Raise :class:`SimsRefused` for all that conflict with another SIM."""
    new: list[SimEntry] = []
    reasons: dict[int, list[str]] = {}
    for start, some in enumerate(batches(entries, AT_ONCE)):
        standings = patiently(partial(_standings, partner, some))
        for position, (entry, standing) in enumerate(zip(some, standings, strict=True)):
            if standing is None:
                new.append(entry)
            elif standing:
                reasons[start * AT_ONCE + position] = standing
        report(len(some))
    if reasons:
        raise SimsRefused(reasons)
    return new


def add(partner: str, entries: Sequence[SimEntry]) -> Generator[int]:
    """Put the SIMs in stock, many at a time; yield the number of SIMs after each step.

    If the caller stops, the steps in progress are finished, and no other is started. Raise :class:`SimsRefused` if
    another load has loaded one of them in the meantime; some of the others may be loaded by then.
    """
    starts = range(0, len(entries), AT_ONCE)
    with ThreadPoolExecutor(THREADS) as pool:
        for some in pool.map(partial(_add_some, partner), batches(entries, AT_ONCE), starts):
            yield len(some)


def _add_some(partner: str, entries: Sequence[SimEntry], start: int = 0) -> list[SimProfile]:
    """Put these in stock; ``start`` is the position of the first, for refusals."""
    try:
        return patiently(lambda: _add(partner, missing(partner, entries)))
    except SimsRefused as refused:
        raise SimsRefused({start + position: reasons for position, reasons in refused.reasons.items()}) from None


def _add(partner: str, entries: Sequence[SimEntry]) -> list[SimProfile]:
    now = clock.now()
    profiles = [profile_of(partner, entry, new_id(SimProfile.PREFIX), now) for entry in entries]
    stocking(partner, entries, profiles).commit()
    return profiles


def stocking(partner: str, entries: Sequence[SimEntry], profiles: Sequence[SimProfile]) -> Transaction:
    """Return what writes each SIM with its codes and guards, and its place in stock or the way to it from its code."""
    change = Transaction()
    codes = {profile.id: entry.secret_codes for profile, entry in zip(profiles, entries, strict=True)}
    for sealed in seal(partner, {sim_id: known for sim_id, known in codes.items() if known}):
        change.create(sealed)
    for profile, entry in zip(profiles, entries, strict=True):
        change.create(profile)
        for name in _names(partner, entry):
            change.claim(name.key, {**stock_entry(profile), "partner": partner})
        if profile.sim_type == "esim":
            change.claim(stock_key(partner, profile.id), stock_entry(profile))
    return change


def profile_of(partner: str, entry: SimEntry, sim_id: str, at: datetime) -> SimProfile:
    """Return the new SIM of an entry."""
    new = {"id": sim_id, "partner": partner, "created_at": at, "updated_at": at}
    return SimProfile.model_validate(entry.model_dump(exclude={"secret_codes"}) | new)


class _Name(NamedTuple):
    """Something unique to a SIM: the key of its guard, and its text for people."""

    key: Key
    text: str


def _names(partner: str, entry: SimEntry) -> Iterator[_Name]:
    yield _Name(iccid_key(entry.iccid), f"ICCID {entry.iccid}")
    yield _Name(entry.code_key(partner), entry.code)


def _standings(partner: str, entries: Sequence[SimEntry]) -> list[list[str] | None]:
    """Return for each SIM why it cannot be loaded; no reasons if it already exists, ``None`` if it does not.

    Raise :class:`~functions.shared.dynamodb.Conflict` if one was withdrawn between the two reads.
    """
    names = [list(_names(partner, entry)) for entry in entries]
    guards = table.read_all(partner, {}, [*{name.key for some in names for name in some}])
    held = [{name.text: item for name in some if (item := guards.item(name.key))} for some in names]
    found = table.read_all(partner, {SimProfile: {item["sim_profile_id"] for some in held for item in some.values()}})
    return [
        _reasons(partner, entry, holders, found) if holders else None
        for entry, holders in zip(entries, held, strict=True)
    ]


def _reasons(partner: str, entry: SimEntry, holders: Mapping[str, Mapping[str, Any]], found: Found) -> list[str]:
    """Return the conflicts with existing SIMs that have the same names, one for each of these SIMs."""
    reasons: dict[str, str | None] = {}
    for name, item in holders.items():
        sim_id = item["sim_profile_id"]
        profile = found.get(SimProfile, sim_id)
        if profile is None and item.get("partner") == partner:
            raise Conflict
        reasons.setdefault(sim_id, _why_not(entry, name, profile))
    return [reason for reason in reasons.values() if reason]


def _why_not(entry: SimEntry, name: str, profile: SimProfile | None) -> str | None:
    """Return how the existing SIM with this name differs from this one, or ``None`` if it is the same."""
    if profile is None:
        return f"{name} belongs to another partner"
    given = entry.model_dump(include=set(SimProfile.model_fields))
    different = [
        field
        for field, value in given.items()
        if _comparable(field, getattr(profile, field)) != _comparable(field, value)
    ]
    if "iccid" in different:
        return f"{name} belongs to the SIM {profile.iccid}"
    return f"{name} is already loaded with a different {' and '.join(different)}" if different else None


def _comparable(field: str, value: Any) -> Any:
    """Return the value for comparison: host names have no case."""
    return value.lower() if field == "smdp_address" and value else value
