"""Sealing: what is stored of a secret is encrypted, bound to what it belongs to, and opened by few functions.

Texts that are sealed together have one data key (AES-256-GCM), which is stored with each of them, encrypted with the
KMS key. Its encryption context has the partner and the kind of secret: a function may open the kinds that it needs.
"""

import base64
import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from functions.shared import aws
from functions.shared.sealed import Sealed
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

NONCE = 12
"""Bytes, random for each text, as AES-GCM requires."""


class SealingSettings(Settings):
    """The KMS key that encrypts the data keys."""

    sealing_key_arn: str


class Kind(StrEnum):
    """What is sealed."""

    CODES = "codes"
    """PINs and PUKs. They were the first, and have no kind in their context."""
    WEBHOOK = "webhook"
    """Signing secrets and passwords of webhooks."""
    ANSWER = "answer"
    """Remembered answers that show a secret."""

    def context(self, partner: str) -> dict[str, str]:
        """Return the encryption context."""
        return {"partner": partner} if self is Kind.CODES else {"partner": partner, "kind": self.value}


def seal(kind: Kind, partner: str, texts: Mapping[str, str]) -> dict[str, Sealed]:
    """Encrypt texts, each bound to the name that it has here. Call KMS once, or never if there are none."""
    if not texts:
        return {}
    made = _kms().generate_data_key(KeyId=_key(), KeySpec="AES_256", EncryptionContext=kind.context(partner))
    cipher, data_key = AESGCM(made["Plaintext"]), base64.b64encode(made["CiphertextBlob"])

    def sealed(name: str) -> Sealed:
        nonce = os.urandom(NONCE)
        text = nonce + cipher.encrypt(nonce, texts[name].encode(), _bound_to(partner, name))
        return Sealed(sealed=base64.b64encode(text), data_key=data_key)

    return {name: sealed(name) for name in texts}


def unseal(kind: Kind, partner: str, name: str, kept: Sealed) -> str:
    """Return the text that was sealed under this name.

    Raise what KMS or the cipher raises if what is stored was changed, or sealed under another name.
    """
    opened = _kms().decrypt(KeyId=_key(), CiphertextBlob=kept.data_key, EncryptionContext=kind.context(partner))
    nonce, text = kept.sealed[:NONCE], kept.sealed[NONCE:]
    return AESGCM(opened["Plaintext"]).decrypt(nonce, text, _bound_to(partner, name)).decode()


def _bound_to(partner: str, name: str) -> bytes:
    """Return the additional data that binds a text to its name."""
    return f"{partner}#{name}".encode()


def _key() -> str:
    return SealingSettings.load().sealing_key_arn


@cache
def _kms() -> "KMSClient":
    client: KMSClient = aws.client("kms")
    return client
