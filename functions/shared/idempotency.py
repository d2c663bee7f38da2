"""``Idempotency-Key``: one request, one effect, one answer (contract §1).

The memory of an answer is written by the transaction that has the effect, so there is never one without the other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from functions.shared import clock, table
from functions.shared.records import Found, Key
from functions.shared.refusals import Code, Fault, Refusal, invalid

KEPT = timedelta(hours=24)
STORED = timedelta(hours=72)
"""Longer than it counts, because the table deletes late and the condition checks the expiry itself."""


class Replay(Exception):
    """The request was answered before; this is that answer."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        super().__init__("replayed")
        self.status = status
        self.body = body
        self.headers = {**headers, "Idempotent-Replayed": "true"}


@dataclass(frozen=True)
class IdempotencyKey:
    """A key in its scope (``place``: partner, method, path) with the fingerprint of the body it came with."""

    place: Key
    fingerprint: str = ""

    def for_body(self, body: Any) -> "IdempotencyKey":
        """The key with the fingerprint of a JSON value: equal values are equal, however they are written."""
        canonical = json.dumps(_as_value(body), sort_keys=True)
        return replace(self, fingerprint=hashlib.sha256(canonical.encode()).hexdigest())

    def check(self, found: Found) -> None:
        """Raise :class:`Replay` if the key was used with this body, a 422 if it was used with another."""
        used = found.item(self.place)
        if used is None or used["expires_at"] <= clock.iso(clock.machine_time()):
            return
        if used["fingerprint"] != self.fingerprint:
            raise Refusal(422, "This Idempotency-Key was used with another body; take a new key for a new request.")
        raise Replay(used["status"], json.loads(used["body"]), used["headers"])

    def remember(self, change: table.Transaction, status: int, body: Any, headers: Mapping[str, str]) -> None:
        """Let the change commit only if the key is still free, and keep the answer with it."""
        now = clock.machine_time()
        memory = {
            "fingerprint": self.fingerprint,
            "status": status,
            "body": json.dumps(body),
            "headers": dict(headers),
            "expires_at": clock.iso(now + KEPT),
            "ttl": int((now + STORED).timestamp()),
        }
        change.claim(self.place, memory, free_from=now)


def key_of(headers: Mapping[str, str], method: str, partner: str, path: str) -> IdempotencyKey | None:
    """The key of a POST or PATCH, if it brings one. Raises a 400 for one that is not 1-255 printable characters."""
    value = headers.get("idempotency-key")
    if value is None or method not in {"POST", "PATCH"}:
        return None
    if not (1 <= len(value) <= 255 and value.isascii() and value.isprintable()):
        fault = Fault(Code.CONSTRAINT_VALIDATION_ERROR, "Idempotency-Key must be 1 to 255 printable ASCII characters.")
        raise invalid(fault)
    digest = hashlib.sha256(f"{method} {path}\n{value}".encode()).hexdigest()
    return IdempotencyKey(Key(f"{partner}#idempotency#{digest}", "idempotency"))


def response_headers(value: str | None, method: str, status: int, codes: set[Code]) -> dict[str, str]:
    """What the answer to a keyed request says about its key; ``codes`` are those of its errors."""
    if value is None or method not in {"POST", "PATCH"}:
        return {}
    if status < 400:
        return {"Idempotency-Key": value, "Idempotent-Replayed": "false"}
    retriable = status >= 500 or status == 429 or (status == 400 and codes == {Code.ORDER_IN_PROGRESS})
    return {"Idempotency-Key": value, "Idempotent-Retriable": "true" if retriable else "false"}


def _as_value(body: Any) -> Any:
    """``1.0`` and ``1`` are one JSON number."""
    if isinstance(body, float) and body.is_integer():
        return int(body)
    if isinstance(body, dict):
        return {name: _as_value(member) for name, member in body.items()}
    if isinstance(body, list):
        return [_as_value(element) for element in body]
    return body
