"""The string by which a phone finds its eSIM profile: SGP.22's activation code, after the ``LPA:`` of its QR code."""

import re

from functions.sim_profiles.sim_profile import SimProfile

LONGEST_LPA = 255
SMDP_ADDRESS = r"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
"""A fully qualified domain name."""
MATCHING_ID = r"[0-9A-Z-]+"
_SMDP_OID = r"[0-2](?:\.[0-9]+)+"
_LPA = re.compile(rf"LPA:1\${SMDP_ADDRESS}\${MATCHING_ID}(?:\$(?:{_SMDP_OID})?(?:\$1)?)?")
"""After the matching id may follow the SM-DP+'s object identifier, and a 1 if a confirmation code is asked for."""


def is_lpa(text: str) -> bool:
    """Whether a phone can take the text for an activation code."""
    return len(text) <= LONGEST_LPA and _LPA.fullmatch(text) is not None


def lpa_of(profile: SimProfile) -> str:
    """The string of an eSIM."""
    return f"LPA:1${profile.smdp_address}${profile.matching_id}"
