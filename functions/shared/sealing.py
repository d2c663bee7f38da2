"""Sealing: what is stored of a secret is encrypted, bound to what it belongs to, and opened by few functions.

Each batch has its own data key (AES-256-GCM), which is stored with the text, encrypted with the KMS key.
"""

from pydantic import Base64Bytes, BaseModel


class Sealed(BaseModel):
    """A text that only the KMS key opens, and only for what it was sealed for."""

    sealed: Base64Bytes
    data_key: Base64Bytes
    """Encrypted with the KMS key."""
