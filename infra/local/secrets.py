"""The sandbox's secrets, made at its first start: what they seal, sign and encrypt outlives it in its folder."""

from secrets import token_hex
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.local.folder import Nowhere


class Secrets(NamedTuple):
    """What seals cursors, what hashes what is searched for, the KMS key of codes, and what signs tokens (as PEM)."""

    cursors: str
    search: str
    codes: str
    tokens: str


def secrets_of(folder: Nowhere) -> Secrets:
    """Return those that the folder keeps, or new ones."""
    makers = dict.fromkeys(Secrets._fields, lambda: token_hex(32)) | {"tokens": new_signing_key}
    return Secrets(**{name: folder.first("secret", name, make) for name, make in makers.items()})


def new_signing_key() -> str:
    """Return a key for the signatures of tokens, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
