"""Signatures: the library of Standard Webhooks accepts them, and they are those of the published vectors."""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from functions.webhooks.signature import sign

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "webhook-vectors.json").read_text(encoding="utf-8")
)


def secret() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


@given(st.text(), st.integers(1, 5))
def test_the_library_accepts_the_signature_of_each_secret(body: str, count: int) -> None:
    signing = [secret() for _ in range(count)]
    headers = sign(signing, "evt_1", int(time()), body.encode())
    for each in signing:
        Webhook(each).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret()).verify(body, headers, json_parse=False)


@pytest.mark.parametrize(
    ("member", "change"),
    [("webhook-id", lambda _: "evt_2"), ("webhook-timestamp", lambda sent: str(int(sent) - 1)), ("body", str.title)],
)
def test_the_library_refuses_what_was_changed_on_the_way(member: str, change: Callable[[str], str]) -> None:
    ours = secret()
    sent = sign([ours], "evt_1", int(time()), b'{"a":1}') | {"body": '{"a":1}'}
    sent[member] = change(sent[member])
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(ours).verify(sent.pop("body"), sent)


def test_the_library_refuses_an_old_timestamp() -> None:
    ours = secret()
    old = int((datetime.now(UTC) - timedelta(minutes=6)).timestamp())
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(ours).verify("{}", sign([ours], "evt_1", old, b"{}"))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_published_vectors(vector: dict[str, Any]) -> None:
    headers = vector["headers"]
    moment, body = int(headers["webhook-timestamp"]), vector["body"].encode()
    assert sign(vector["secrets"], headers["webhook-id"], moment, body) == headers
    signatures = [
        Webhook(each).sign(headers["webhook-id"], datetime.fromtimestamp(moment, UTC), vector["body"])
        for each in vector["secrets"]
    ]
    assert " ".join(signatures) == headers["webhook-signature"]
