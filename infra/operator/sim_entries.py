"""The SIMs of an operator's file (contract §7)."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from functions.shared.records import Key
from functions.shared.shapes import Shape
from functions.sim_profiles.lpa import MATCHING_ID, SMDP_ADDRESS
from functions.sim_profiles.secret_codes import SecretCodes
from functions.sim_profiles.sim_profile import activation_code_key, esim_code_key, luhn_valid
from infra.operator.values import NORMALIZED, UNSHORTENED, VISIBLE, check, of_text

BLANKS = re.compile("[ \u00a0\u202f]")
"""Spaces, also non-breaking ones: people write long numbers in groups."""
ROUNDED = re.compile(r"[0-9]{15}0{4}")
"""What a spreadsheet makes of 19 digits: it keeps 15."""


def _in_digits(text: str) -> str:
    """Remove spaces, and the F that pads 19 digits to ten bytes."""
    digits = BLANKS.sub("", text)
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
    return AfterValidator(partial(check, re.compile(pattern).fullmatch, words))


Iccid = Annotated[str, of_text(_in_digits), UNSHORTENED, AfterValidator(_check_iccid)]
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

    @property
    def code(self) -> str:
        """Return its code as text; host names are compared without case."""
        return f"matching id {self.matching_id} of {self.smdp_address.lower()}"

    def code_key(self, _partner: str) -> Key:
        """Return the key of its code's guard; the code is unique among all partners."""
        return esim_code_key(self.smdp_address, self.matching_id)


class PhysicalSimEntry(Shape):
    """A card with the code that is printed on it."""

    sim_type: Literal["psim"] = "psim"
    iccid: Iccid
    activation_code: Annotated[Code, VISIBLE]
    secret_codes: SecretCodes | None = None

    @property
    def code(self) -> str:
        """Return its code as text."""
        return f"activation code {self.activation_code}"

    def code_key(self, partner: str) -> Key:
        """Return the key of its code's guard; the code is unique to its partner."""
        return activation_code_key(partner, self.activation_code)


SimEntry = Annotated[EsimEntry | PhysicalSimEntry, Field(discriminator="sim_type")]
SIM: TypeAdapter[SimEntry] = TypeAdapter(SimEntry, config=ConfigDict(hide_input_in_errors=True))


def repeats(entries: Sequence[SimEntry]) -> Iterator[tuple[int, str, int]]:
    """Yield what must be unique but is repeated: the later SIM's position, what it is, the first SIM's position."""
    first: dict[str, int] = {}
    for position, entry in enumerate(entries):
        for name in (f"ICCID {entry.iccid}", entry.code):
            if first.setdefault(name, position) != position:
                yield position, name, first[name]
