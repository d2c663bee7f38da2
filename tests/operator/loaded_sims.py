"""What is there of SIMs that were loaded."""

from functions.shared import table
from functions.shared.records import Partition
from functions.sim_profiles.sim_profile import SimProfile, iccid_key
from infra.operator.sim_entries import SimEntry


def in_stock(partner: str) -> int:
    found, more = table.keys_in(Partition(None, f"{partner}#esim_stock"), newest_first=False, limit=1000)
    assert not more
    return len(found)


def there(entries: list[SimEntry]) -> int:
    return sum(table.get_item(iccid_key(entry.iccid)) is not None for entry in entries)


def kept(partner: str, entry: SimEntry) -> SimProfile:
    guard = table.get_item(iccid_key(entry.iccid))
    assert guard is not None
    profile = table.read(SimProfile, partner, guard["sim_profile_id"])
    assert profile is not None
    return profile
