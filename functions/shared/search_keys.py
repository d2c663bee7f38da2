"""Keys by which personal data is found: the table's keys and indexes hold a keyed hash of it, never itself."""

import hashlib
import hmac
import json
from typing import Literal

from functions.shared.secret import secret
from functions.shared.settings import Settings

SearchMember = Literal["email", "iccid", "msisdn"]


class SearchSettings(Settings):
    """The secret of the hash. It never changes: under another one, nothing stored before is found."""

    search_secret_arn: str


def search_key(partner: str, member: SearchMember, value: str) -> str:
    """Return the keyed hash of a value; equal values of two partners or of two members have nothing in common."""
    content = json.dumps([partner, member, value]).encode()
    return hmac.digest(_secret(), content, hashlib.sha256)[:16].hex()


def _secret() -> bytes:
    return secret(SearchSettings.load().search_secret_arn)
