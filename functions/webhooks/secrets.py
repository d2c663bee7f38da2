"""The secrets of webhooks: made and sealed by the doors, opened only by the function that signs and sends."""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from functions.shared import sealing
from functions.shared.sealed import Sealed
from functions.shared.sealing import Kind
from functions.webhooks.webhook import SigningSecret, Webhook

SECRET_BYTES = 32
OPENED = 1000
"""How many opened secrets a process keeps, so that it asks KMS once for each and not for each attempt."""


class NewSecrets(NamedTuple):
    """What was made for a webhook: a signing secret in clear, as it is shown once, and what is stored."""

    shown: str
    """Base64."""
    signing: SigningSecret
    basic_auth: Sealed | None


def new_secrets(partner: str, webhook_id: str, version: int, basic_auth: str | None = None) -> NewSecrets:
    """Make a signing secret, and seal it together with the user name and password if there are any."""
    shown = base64.b64encode(os.urandom(SECRET_BYTES)).decode()
    signing, password = _signing_name(webhook_id, version), _basic_auth_name(webhook_id)
    texts = {signing: shown} | ({password: basic_auth} if basic_auth else {})
    sealed = sealing.seal(Kind.WEBHOOK, partner, texts)
    return NewSecrets(shown, SigningSecret(version=version, sealed=sealed[signing]), sealed.get(password))


def sealed_basic_auth(partner: str, webhook_id: str, basic_auth: str) -> Sealed:
    """Seal a user name and password, joined by a colon."""
    name = _basic_auth_name(webhook_id)
    return sealing.seal(Kind.WEBHOOK, partner, {name: basic_auth})[name]


def signing_secrets(webhook: Webhook, now: datetime) -> Sequence[str]:
    """Return the secrets that sign at this moment, newest first; in Base64."""
    return [
        _opened(webhook.partner, _signing_name(webhook.id, secret.version), secret.sealed)
        for secret in webhook.signing(now)
    ]


def basic_auth_of(webhook: Webhook) -> str | None:
    """Return user name and password, joined by a colon."""
    if webhook.basic_auth is None:
        return None
    return _opened(webhook.partner, _basic_auth_name(webhook.id), webhook.basic_auth)


def _signing_name(webhook_id: str, version: int) -> str:
    return f"{webhook_id}#v{version}"


def _basic_auth_name(webhook_id: str) -> str:
    return f"{webhook_id}#basic_auth"


def _opened(partner: str, name: str, kept: Sealed) -> str:
    return _opened_once(partner, name, kept.sealed, kept.data_key)


@lru_cache(maxsize=OPENED)
def _opened_once(partner: str, name: str, sealed: bytes, data_key: bytes) -> str:
    return sealing.unseal(Kind.WEBHOOK, partner, name, Sealed.model_construct(sealed=sealed, data_key=data_key))
