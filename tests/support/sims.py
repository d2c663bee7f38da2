"""SIMs that no other test has or, with a number, the same each time."""

from random import SystemRandom
from uuid import uuid4

from functions.sim_profiles.sim_profile import luhn_digit
from infra.operator.sim_entries import EsimEntry, PhysicalSimEntry


def iccid(number: int | None = None) -> str:
    """A valid ICCID of an issuer that the sandbox does not use."""
    digits = f"894999{SystemRandom().randrange(10**12):012d}" if number is None else f"894920{number:012d}"
    return digits + luhn_digit(digits)


def esim(number: int | None = None) -> EsimEntry:
    """An eSIM to load."""
    matching_id = uuid4().hex.upper() if number is None else f"M{number}"
    return EsimEntry(iccid=iccid(number), matching_id=matching_id, smdp_address="smdp.sandbox.example")


def physical_sim(number: int | None = None) -> PhysicalSimEntry:
    """A physical SIM to load."""
    return PhysicalSimEntry(iccid=iccid(number), activation_code=f"TEST-{uuid4() if number is None else number}")
