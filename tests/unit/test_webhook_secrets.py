"""Secrets of webhooks: what is stored opens for its webhook alone, and KMS is asked as seldom as possible."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from functions.shared import sealing
from functions.webhooks.secrets import basic_auth_of, new_secrets, signing_secrets
from functions.webhooks.webhook import Webhook
from infra.local.system import System

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def asked(system: System) -> Iterator[list[str]]:
    """The calls of KMS."""
    calls: list[str] = []
    events = sealing._kms().meta.events
    events.register("before-call.kms", lambda model, **_: calls.append(model.name), unique_id="asked")
    yield calls
    events.unregister("before-call.kms", unique_id="asked")


def webhook(webhook_id: str, partner: str = "secretive") -> tuple[Webhook, str]:
    """A webhook with a password, and its signing secret in clear."""
    made = new_secrets(partner, webhook_id, 1, "us:er")
    fields: dict[str, Any] = {"id": webhook_id, "partner": partner, "created_at": NOW, "enabled_at": NOW}
    kept = {"secrets": [made.signing], "basic_auth": made.basic_auth}
    return Webhook(url="https://a.example", enabled_events=["*"], **fields, **kept), made.shown


def test_they_are_sealed_by_one_call_and_opened_once(asked: list[str]) -> None:
    kept, shown = webhook("wbh_once")
    assert asked == ["GenerateDataKey"]
    for _ in range(2):
        assert signing_secrets(kept, NOW) == [shown]
        assert basic_auth_of(kept) == "us:er"
    assert asked[1:] == ["Decrypt"] * 2


def test_a_signing_secret_is_32_random_bytes(system: System) -> None:
    (one, first), (_, second) = webhook("wbh_one"), webhook("wbh_two")
    assert {len(base64.b64decode(shown, validate=True)) for shown in (first, second)} == {32}
    assert first != second
    assert first not in one.model_dump_json()


def test_what_is_stored_opens_for_its_own_webhook_alone(system: System) -> None:
    (mine, _), (others, _) = webhook("wbh_mine"), webhook("wbh_others")
    with pytest.raises(InvalidTag):
        signing_secrets(mine.model_copy(update={"secrets": others.secrets}), NOW)
    with pytest.raises(InvalidTag):
        basic_auth_of(mine.model_copy(update={"basic_auth": mine.secrets[0].sealed}))
    with pytest.raises(sealing._kms().exceptions.InvalidCiphertextException):
        signing_secrets(mine.model_copy(update={"partner": "thief"}), NOW)
