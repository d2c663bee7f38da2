"""Loading SIMs into a partner's stock (contract §7)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from functions.shared import clock, table
from functions.shared.ids import new_id
from functions.shared.loading import write_all
from functions.shared.records import Key
from functions.sim_profiles.lpa import MATCHING_ID, SMDP_ADDRESS
from functions.sim_profiles.secret_codes import SealedCodes, SecretCodes, seal
from functions.sim_profiles.sim_profile import SimProfile, activation_code_key, iccid_key, luhn_valid
from functions.sim_profiles.stock import stock_entry, stock_key

WRITES_PER_SIM = 4
MOST_READS = 100
"""What one batched read takes."""

Text = Annotated[str, Field(min_length=1, max_length=100)]


class SimsRefused(Exception):
    """These SIMs cannot be loaded, each with its reason; none was."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__("; ".join(reasons))


def _with_check_digit(iccid: str) -> str:
    if not luhn_valid(iccid):
        raise ValueError("its last digit is not the check digit of the others (Luhn)")
    return iccid


Iccid = Annotated[str, Field(pattern=r"^89[0-9]{17}$"), AfterValidator(_with_check_digit)]


class EsimEntry(BaseModel):
    """An eSIM profile that waits on an SM-DP+."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sim_type: Literal["esim"] = "esim"
    iccid: Iccid
    matching_id: Annotated[str, Field(max_length=100, pattern=f"^{MATCHING_ID}$")]
    smdp_address: Annotated[str, Field(max_length=100, pattern=f"^{SMDP_ADDRESS}$")]
    secret_codes: SecretCodes | None = None


class PhysicalSimEntry(BaseModel):
    """A card with the code that is printed on it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sim_type: Literal["psim"] = "psim"
    iccid: Iccid
    activation_code: Text
    secret_codes: SecretCodes | None = None


SimEntry = Annotated[EsimEntry | PhysicalSimEntry, Field(discriminator="sim_type")]


def load(partner: str, entries: Sequence[SimEntry]) -> list[SimProfile]:
    """Put the SIMs in the partner's stock. Raises :class:`SimsRefused` for an ICCID or code that is not new."""
    now = clock.now()
    profiles = [
        SimProfile(
            id=new_id(SimProfile.PREFIX),
            partner=partner,
            created_at=now,
            updated_at=now,
            **entry.model_dump(exclude={"secret_codes"}),
        )
        for entry in entries
    ]
    _refuse_unless_new(partner, [name for profile in profiles for name in _names(profile)])
    codes = zip(profiles, (entry.secret_codes for entry in entries), strict=True)
    sealed = seal(partner, {profile.id: known for profile, known in codes if known})
    write_all(profiles, lambda change, profile: _add(change, profile, sealed.get(profile.id)), WRITES_PER_SIM)
    return profiles


class _Name(NamedTuple):
    """What only one SIM may have: where the table guards it, and how to tell people of it."""

    key: Key
    text: str


def _names(profile: SimProfile) -> Iterator[_Name]:
    yield _Name(iccid_key(profile.iccid), f"ICCID {profile.iccid}")
    if profile.activation_code:
        key = activation_code_key(profile.partner, profile.activation_code)
        yield _Name(key, f"activation code {profile.activation_code}")


def _refuse_unless_new(partner: str, names: Sequence[_Name]) -> None:
    times = Counter(name.key for name in names)
    known = _known(partner, list(times))
    if used := sorted({name.text for name in names if times[name.key] > 1 or name.key in known}):
        raise SimsRefused(f"{text} is not new" for text in used)


def _known(partner: str, keys: Sequence[Key]) -> set[Key]:
    """Those of the keys that the table has already."""
    known: set[Key] = set()
    for start in range(0, len(keys), MOST_READS):
        some = keys[start : start + MOST_READS]
        found = table.read_all(partner, {}, some)
        known |= {key for key in some if found.item(key)}
    return known


def _add(change: table.Transaction, profile: SimProfile, codes: SealedCodes | None) -> None:
    """The SIM with its codes and guards: what is its own, and its place in stock or the way to it from its code."""
    change.create(profile)
    if codes:
        change.create(codes)
    for name in _names(profile):
        change.claim(name.key, stock_entry(profile))
    if profile.sim_type == "esim":
        change.claim(stock_key(profile.partner, profile.id), stock_entry(profile))
