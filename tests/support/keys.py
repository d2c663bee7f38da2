"""KMS without the wire: data keys, each wrapped for one encryption context."""

import json
import os
from collections.abc import Mapping
from typing import Any


class Keys:
    """What :mod:`functions.shared.sealing` needs of a client; ``calls`` names what it was asked for."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def generate_data_key(self, *, EncryptionContext: Mapping[str, str], **_: Any) -> dict[str, bytes]:  # noqa: N803 - boto3's name
        """A new data key."""
        self.calls.append(f"generate {EncryptionContext.get('kind')}")
        key = os.urandom(32)
        return {"Plaintext": key, "CiphertextBlob": _written(EncryptionContext) + key[::-1]}

    def decrypt(
        self,
        *,
        CiphertextBlob: bytes,  # noqa: N803 - boto3's name
        EncryptionContext: Mapping[str, str],  # noqa: N803 - boto3's name
        **_: Any,
    ) -> dict[str, bytes]:
        """The data key that was wrapped for this context."""
        self.calls.append(f"decrypt {EncryptionContext.get('kind')}")
        context = _written(EncryptionContext)
        assert CiphertextBlob.startswith(context), "it was sealed as another kind, or for another partner"
        return {"Plaintext": CiphertextBlob.removeprefix(context)[::-1]}


def _written(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
