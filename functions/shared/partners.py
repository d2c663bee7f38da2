"""The names of partners, with which the keys of all their data begin."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

NAME = re.compile(r"[a-z0-9-]{1,63}")


class Guard(StrEnum):
    """What the keys without a partner begin with. A partner of this name would own them, so none can have it."""

    CLIENT = "client"
    """Whose a client was, up to version 0.1.0."""
    CLOCK = "clock"
    DUE = "due"
    ESIM_CODE = "esim_code"
    ICCID = "iccid"

    def key(self, *values: str) -> str:
        """Return the partition key of these values."""
        return "#".join([self, *values])


def check_partner_name(name: str) -> str:
    """Return the name. Raise ``ValueError`` if a partner cannot have it."""
    if not NAME.fullmatch(name):
        raise ValueError("must have 1 to 63 lower-case letters, digits and '-'")
    if name in {*Guard}:
        raise ValueError("must be another name: keys that belong to no partner begin with this one")
    return name


PartnerName = Annotated[str, AfterValidator(check_partner_name)]
