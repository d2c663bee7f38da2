"""The SIMs of an operator's file (contract §7)."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter

from functions.shared.shapes import Shape
from functions.sim_profiles.lpa import MATCHING_ID, SMDP_ADDRESS
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import luhn_valid
from infra.operator.values import NORMALIZED, UNSHORTENED, VISIBLE

BLANKS = re.compile("[ \u00a0\u202f]")
"""Spaces, also non-breaking ones: people write long numbers in groups."""
ROUNDED = re.compile(r"[0-9]{15}0{4}")
"""What a spreadsheet makes of 19 digits: it keeps 15."""


def _in_digits(value: Any) -> Any:
    """Remove spaces, and the F that pads 19 digits to ten bytes."""
    if not isinstance(value, str):
        return value
    digits = BLANKS.sub("", value)
    return digits[:-1] if re.fullmatch(r"[0-9]{19}[Ff]", digits) else digits


def _check_iccid(iccid: str) -> str:
    if re.fullmatch(r"89[0-9]{18}", iccid):
        raise ValueError("must be 19 digits, not 20; leave out the last one if it is a second check digit")
    if not re.fullmatch(r"89[0-9]{17}", iccid):
        raise ValueError("must be 19 digits that begin with 89")
    if not luhn_valid(iccid):
        advice = "; a spreadsheet rounds long numbers: format the column as text" if ROUNDED.fullmatch(iccid) else ""
        raise ValueError(f"must end with the check digit of the digits before it (Luhn){advice}")
    return iccid


def _form(pattern: str, words: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return AfterValidator(check)


Iccid = Annotated[str, BeforeValidator(_in_digits), UNSHORTENED, AfterValidator(_check_iccid)]
Code = Annotated[str, Field(min_length=1, max_length=100), NORMALIZED, UNSHORTENED]
MatchingId = Annotated[Code, _form(MATCHING_ID, "must consist of capital letters, digits and '-' (SGP.22)")]
Host = Annotated[
    Code, _form(SMDP_ADDRESS, "must be a host name like smdp.example.com, without https://, port or final dot")
]


class EsimEntry(Shape):
    """An eSIM profile that waits on an SM-DP+."""

    sim_type: Literal["esim"] = "esim"
    iccid: Iccid
    matching_id: MatchingId
    smdp_address: Host
    secret_codes: SecretCodes | None = None


class PhysicalSimEntry(Shape):
    """A card with the code that is printed on it."""

    sim_type: Literal["psim"] = "psim"
    iccid: Iccid
    activation_code: Annotated[Code, VISIBLE]
    secret_codes: SecretCodes | None = None


SimEntry = Annotated[EsimEntry | PhysicalSimEntry, Field(discriminator="sim_type")]
SIM: TypeAdapter[SimEntry] = TypeAdapter(SimEntry, config=ConfigDict(hide_input_in_errors=True))


def repeats(entries: Sequence[SimEntry]) -> Iterator[tuple[int, str, int]]:
    """Yield what must be unique but is repeated: the later SIM's position, what it is, the first SIM's position."""
    first: dict[str, int] = {}
    for position, entry in enumerate(entries):
        for name in _own(entry):
            if first.setdefault(name, position) != position:
                yield position, name, first[name]


def esim_code(entry: EsimEntry) -> str:
    """Return an eSIM's code as text; host names are compared without case."""
    return f"matching id {entry.matching_id} of {entry.smdp_address.lower()}"


def _own(entry: SimEntry) -> Iterator[str]:
    yield f"ICCID {entry.iccid}"
    if isinstance(entry, PhysicalSimEntry):
        yield f"activation code {entry.activation_code}"
    else:
        yield esim_code(entry)
