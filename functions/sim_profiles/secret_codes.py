"""The PIN and PUK of SIMs: sealed where they are loaded, opened for their partner alone, readable nowhere between.

Each batch has a data key of its own (AES-256-GCM), which lies beside the codes, wrapped by the one key in KMS that
only the door of these codes may unwrap with. What is sealed for one SIM opens for no other.
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
from functions.shared.records import Record, record_key
from functions.shared.settings import Settings
from functions.sim_profiles.sim_profile import SimProfile

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

NONCE = 12
"""Bytes, chosen by chance for each SIM: what AES-GCM asks for."""


class SecretCodesSettings(Settings):
    """The key in KMS that wraps the data keys."""

    secret_codes_key_arn: str


def _digits(least: int, most: int) -> AfterValidator:
    """Check that a code is this many digits, and say why it may not be."""
    count = f"{least}" if least == most else f"{least} to {most}"

    def check(code: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{least},{most}}}", code):
            raise ValueError(
                f"must be {count} digits; a spreadsheet drops leading zeros unless the column is formatted as text"
            )
        return code

    return AfterValidator(check)


class SecretCodes(BaseModel):
    """The two codes of a SIM; no error and no log line shows them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    pin: Annotated[str, _digits(4, 8)] = Field(repr=False)
    puk: Annotated[str, _digits(8, 8)] = Field(repr=False)


class SealedCodes(Record):
    """The codes of the SIM profile with this id, as they are kept: apart from it, so that no copy of it has them."""

    KIND = "sim_secret_codes"
    PREFIX = SimProfile.PREFIX

    sealed: Base64Bytes
    data_key: Base64Bytes
    """Wrapped."""


def seal(partner: str, codes: Mapping[str, SecretCodes]) -> dict[str, SealedCodes]:
    """SIM profile id → its codes, sealed; one call of KMS for any number of them, none for none."""
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
    """The codes of this SIM profile.

    Raises what KMS or the cipher raises if what was kept has been changed, or was sealed for another SIM profile.
    """
    wrapped, context = kept.data_key, {"partner": partner}
    key = _kms().decrypt(KeyId=_key(), CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"]
    nonce, text = kept.sealed[:NONCE], kept.sealed[NONCE:]
    return SecretCodes.model_validate_json(AESGCM(key).decrypt(nonce, text, _bound_to(partner, sim_id)))


def _bound_to(partner: str, sim_id: str) -> bytes:
    """What the codes are bound to: they open nowhere else."""
    return record_key(SealedCodes, partner, sim_id).pk.encode()


def _key() -> str:
    return SecretCodesSettings.load().secret_codes_key_arn


@cache
def _kms() -> "KMSClient":
    return boto3.client("kms", config=aws.CLIENT)
