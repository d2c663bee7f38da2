"""SIMs that no other test has."""

from random import SystemRandom
from uuid import uuid4

from functions.sim_profiles.sim_profile import luhn_digit
from infra.operator.sim_entries import EsimEntry, PhysicalSimEntry


def iccid() -> str:
    """A valid ICCID of an issuer that the sandbox does not use."""
    digits = f"894999{SystemRandom().randrange(10**12):012d}"
    return digits + luhn_digit(digits)


def esim() -> EsimEntry:
    """An eSIM to load."""
    return EsimEntry(iccid=iccid(), matching_id=uuid4().hex.upper(), smdp_address="smdp.sandbox.example")


def physical_sim() -> PhysicalSimEntry:
    """A physical SIM to load."""
    return PhysicalSimEntry(iccid=iccid(), activation_code=f"TEST-{uuid4()}")
