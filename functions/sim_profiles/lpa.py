"""LPA strings, from which a phone installs an eSIM: ``LPA:`` and the activation code of SGP.22."""

import re

from functions.sim_profiles.sim_profile import SimProfile

MAX_LPA_LENGTH = 255
INSTALLERS = {"install-ios": "esimsetup.apple.com", "install-android": "esimsetup.android.com"}
"""Link → the host whose addresses a phone of that kind opens in its own eSIM setup."""
SMDP_ADDRESS = r"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
"""A fully qualified domain name."""
MATCHING_ID = r"[0-9A-Z-]+"
_SMDP_OID = r"[0-2](?:\.[0-9]+)+"
_WITH_MATCHING_ID = rf"{MATCHING_ID}(?:\$(?:{_SMDP_OID})?(?:\$1)?)?"
_WITHOUT_MATCHING_ID = rf"\$(?:{_SMDP_OID}(?:\$1)?|\$1)"
LPA = re.compile(rf"LPA:1\${SMDP_ADDRESS}\$(?:{_WITH_MATCHING_ID}|{_WITHOUT_MATCHING_ID})")
"""The matching id may be followed by the SM-DP+'s object identifier, and by a 1 if a confirmation code is required.
With either of them the matching id may be empty (SGP.22, 4.1)."""


def is_lpa(text: str) -> bool:
    """Return whether the text is an LPA string."""
    return len(text) <= MAX_LPA_LENGTH and LPA.fullmatch(text) is not None


def lpa_of(profile: SimProfile) -> str:
    """Return the LPA string of an eSIM."""
    return f"LPA:1${profile.smdp_address}${profile.matching_id}"


def install_links(profile: SimProfile) -> dict[str, dict[str, str]]:
    """Return the addresses by which a phone installs an eSIM with one tap. Nothing in the string needs encoding."""
    query = f"carddata={lpa_of(profile)}"
    return {name: {"href": f"https://{host}/esim_qrcode_provisioning?{query}"} for name, host in INSTALLERS.items()}
