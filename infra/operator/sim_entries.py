"""What an operator writes down of a SIM (contract §7)."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from functions.shared.shapes import Shape
from functions.sim_profiles.lpa import MATCHING_ID, SMDP_ADDRESS
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import luhn_valid

Text = Annotated[str, Field(min_length=1, max_length=100)]


def _with_check_digit(iccid: str) -> str:
    if not luhn_valid(iccid):
        raise ValueError("its last digit is not the check digit of the others (Luhn)")
    return iccid


Iccid = Annotated[str, Field(pattern=r"^89[0-9]{17}$"), AfterValidator(_with_check_digit)]


class EsimEntry(Shape):
    """An eSIM profile that waits on an SM-DP+."""

    sim_type: Literal["esim"] = "esim"
    iccid: Iccid
    matching_id: Annotated[str, Field(max_length=100, pattern=f"^{MATCHING_ID}$")]
    smdp_address: Annotated[str, Field(max_length=100, pattern=f"^{SMDP_ADDRESS}$")]
    secret_codes: SecretCodes | None = None


class PhysicalSimEntry(Shape):
    """A card with the code that is printed on it."""

    sim_type: Literal["psim"] = "psim"
    iccid: Iccid
    activation_code: Text
    secret_codes: SecretCodes | None = None


SimEntry = Annotated[EsimEntry | PhysicalSimEntry, Field(discriminator="sim_type")]
SIM: TypeAdapter[SimEntry] = TypeAdapter(SimEntry, config=ConfigDict(hide_input_in_errors=True))


def repeats(entries: Sequence[SimEntry]) -> Iterator[tuple[int, str, int]]:
    """What only one SIM may have and a later one has too: that one's position, what it is, the first one's position."""
    first: dict[str, int] = {}
    for position, entry in enumerate(entries):
        for name in _own(entry):
            if first.setdefault(name, position) != position:
                yield position, name, first[name]


def _own(entry: SimEntry) -> Iterator[str]:
    yield f"ICCID {entry.iccid}"
    if isinstance(entry, PhysicalSimEntry):
        yield f"activation code {entry.activation_code}"
    else:
        yield f"matching id {entry.matching_id} of {entry.smdp_address}"
