"""Signatures by the Standard Webhooks specification, version 1 (contract §8, Sending)."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence


def sign(secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that let a receiver verify the body, with a signature of each secret in their order.

    A secret is in base64, without a prefix; ``timestamp`` is in seconds.
    """
    content = f"{webhook_id}.{timestamp}.".encode() + body
    digests = [hmac.digest(b64decode(secret, validate=True), content, "sha256") for secret in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{b64encode(digest).decode()}" for digest in digests),
    }
