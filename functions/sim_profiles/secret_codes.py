"""The PIN and PUK of SIMs: encrypted when they are loaded, and decrypted only for their partner.

Codes that are sealed for one SIM cannot be opened for another.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from functions.shared import clock, sealing
from functions.shared.records import Record
from functions.shared.sealed import Sealed
from functions.shared.sealing import Kind
from functions.sim_profiles.sim_profile import SimProfile


def _digits(minimum: int, maximum: int) -> AfterValidator:
    """Check that a code has this many digits, and explain how it can lose some."""
    count = f"{minimum}" if minimum == maximum else f"{minimum} to {maximum}"

    def check(code: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{minimum},{maximum}}}", code):
            raise ValueError(
                f"must be {count} digits; a spreadsheet drops leading zeros unless the column is formatted as text"
            )
        return code

    return AfterValidator(check)


class SecretCodes(BaseModel):
    """The PIN and PUK of a SIM; no error or log line shows them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    pin: Annotated[str, _digits(4, 8)] = Field(repr=False)
    puk: Annotated[str, _digits(8, 8)] = Field(repr=False)


class SealedCodes(Sealed, Record):
    """The encrypted codes of the SIM profile with this id; stored apart, so that no copy of the profile has them."""

    KIND = "sim_secret_codes"
    PREFIX = SimProfile.PREFIX


def seal(partner: str, codes: Mapping[str, SecretCodes]) -> list[SealedCodes]:
    """Encrypt the codes of SIM profiles, by their ids."""
    texts = {sim_id: each.model_dump_json() for sim_id, each in codes.items()}
    sealed = sealing.seal(Kind.CODES, partner, texts)
    now = clock.now()
    return [
        SealedCodes(id=sim_id, partner=partner, created_at=now, **each.model_dump(mode="json"))
        for sim_id, each in sealed.items()
    ]


def unseal(partner: str, sim_id: str, kept: SealedCodes) -> SecretCodes:
    """Return the codes of this SIM profile.

    Raise what KMS or the cipher raises if the stored codes were changed, or sealed for another SIM profile.
    """
    return SecretCodes.model_validate_json(sealing.unseal(Kind.CODES, partner, sim_id, kept))
