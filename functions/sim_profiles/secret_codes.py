"""The PIN and PUK of SIMs: encrypted when they are loaded, and decrypted only for their partner.

Each batch has its own data key (AES-256-GCM), which is stored with the codes, encrypted with the KMS key. Only the door
of these codes may decrypt with that key. Codes that are sealed for one SIM cannot be opened for another.
"""

import base64
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated

import boto3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import AfterValidator, Base64Bytes, BaseModel, ConfigDict, Field

from functions.shared import aws, clock
from functions.shared.records import Record
from functions.shared.settings import Settings
from functions.sim_profiles.sim_profile import SimProfile

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

NONCE = 12
"""Bytes, random for each SIM, as AES-GCM requires."""


class SecretCodesSettings(Settings):
    """The KMS key that encrypts the data keys."""

    secret_codes_key_arn: str


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


class SealedCodes(Record):
    """The encrypted codes of the SIM profile with this id; stored apart, so that no copy of the profile has them."""

    KIND = "sim_secret_codes"
    PREFIX = SimProfile.PREFIX

    sealed: Base64Bytes
    data_key: Base64Bytes
    """Encrypted with the KMS key."""


def seal(partner: str, codes: Mapping[str, SecretCodes]) -> dict[str, SealedCodes]:
    """Encrypt the codes; return SIM profile id → its sealed codes. Call KMS once, or never if there are none."""
    if not codes:
        return {}
    made = _kms().generate_data_key(KeyId=_key(), KeySpec="AES_256", EncryptionContext={"partner": partner})
    cipher, data_key = AESGCM(made["Plaintext"]), base64.b64encode(made["CiphertextBlob"])

    def sealed(sim_id: str) -> SealedCodes:
        nonce = os.urandom(NONCE)
        text = nonce + cipher.encrypt(nonce, codes[sim_id].model_dump_json().encode(), _bound_to(partner, sim_id))
        kept = {"sealed": base64.b64encode(text), "data_key": data_key}
        return SealedCodes(id=sim_id, partner=partner, created_at=clock.now(), **kept)

    return {sim_id: sealed(sim_id) for sim_id in codes}


def unseal(partner: str, sim_id: str, kept: SealedCodes) -> SecretCodes:
    """Return the codes of this SIM profile.

    Raise what KMS or the cipher raises if the stored codes were changed, or sealed for another SIM profile.
    """
    wrapped, context = kept.data_key, {"partner": partner}
    key = _kms().decrypt(KeyId=_key(), CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"]
    nonce, text = kept.sealed[:NONCE], kept.sealed[NONCE:]
    return SecretCodes.model_validate_json(AESGCM(key).decrypt(nonce, text, _bound_to(partner, sim_id)))


def _bound_to(partner: str, sim_id: str) -> bytes:
    """Return the additional data that binds the codes to their SIM profile."""
    return SealedCodes.key_of(partner, sim_id).pk.encode()


def _key() -> str:
    return SecretCodesSettings.load().secret_codes_key_arn


@cache
def _kms() -> "KMSClient":
    return boto3.client("kms", config=aws.CLIENT)
