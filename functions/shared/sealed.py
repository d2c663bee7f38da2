"""What is stored of a secret (see :mod:`functions.shared.sealing`)."""

from pydantic import Base64Bytes, BaseModel


class Sealed(BaseModel):
    """A text that only the KMS key opens, and only for what it was sealed for."""

    sealed: Base64Bytes
    data_key: Base64Bytes
    """Encrypted with the KMS key."""
