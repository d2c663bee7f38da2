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
from functions.shared.headers import Headers, is_printable, the_one
from functions.shared.records import Found, Key
from functions.shared.refusals import Code, Fault, Refusal, invalid
from functions.shared.transaction import Transaction

NAME = "Idempotency-Key"
METHODS = frozenset({"POST", "PATCH"})
MAX_LENGTH = 255
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
    """A key in its scope (``storage_key``: partner, method, path) with the fingerprint of the body it came with."""

    storage_key: Key
    fingerprint: str = ""

    def for_body(self, body: Any) -> "IdempotencyKey":
        """The key with the fingerprint of a JSON value as :func:`~functions.shared.json_values.parse` gives it.

        Equal values have equal fingerprints, however they are written.
        """
        canonical = json.dumps(body, sort_keys=True)
        return replace(self, fingerprint=hashlib.sha256(canonical.encode()).hexdigest())

    def check(self, found: Found) -> None:
        """Raise :class:`Replay` if the key was used with this body, a 422 if it was used with another.

        That the key was not found does not yet mean that it is free: see :meth:`look_up`.
        """
        self._raise_if_used(found.item(self.storage_key))

    def look_up(self) -> None:
        """Raise what :meth:`check` raises, by a read that no transaction under way can deceive."""
        self._raise_if_used(table.get_settled_item(self.storage_key))

    def _raise_if_used(self, used: Mapping[str, Any] | None) -> None:
        if used is None or used["expires_at"] <= clock.iso(clock.machine_time()):
            return
        if used["fingerprint"] != self.fingerprint:
            raise Refusal(422, "This Idempotency-Key was used with another body; take a new key for a new request.")
        raise Replay(used["status"], json.loads(used["body"]), used["headers"])

    def remember(self, change: Transaction, status: int, body: Any, headers: Mapping[str, str]) -> None:
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
        change.claim(self.storage_key, memory, free_from=now)


def key_of(headers: Headers, method: str, partner: str, path: str) -> IdempotencyKey | None:
    """The key of a POST or PATCH, if it brings one.

    Raises a 400 for one that is not 1-255 printable characters, and for two that differ.
    """
    if method not in METHODS or (value := the_one(headers, NAME)) is None:
        return None
    if not is_printable(value, MAX_LENGTH):
        detail = f"{NAME} must be 1 to {MAX_LENGTH} printable ASCII characters."
        raise invalid(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail))
    digest = hashlib.sha256(f"{method} {path}\n{value}".encode()).hexdigest()
    return IdempotencyKey(Key(f"{partner}#idempotency#{digest}", "idempotency"))


def response_headers(headers: Headers, method: str, status: int, codes: set[Code]) -> dict[str, str]:
    """What the answer to a keyed request says about its key; ``codes`` are those of its errors.

    A key that cannot be one is not given back: it may hold what has no place in a header.
    """
    values = headers.get(NAME.lower(), ())
    if not values or method not in METHODS:
        return {}
    echoed = {NAME: values[0]} if len(values) == 1 and is_printable(values[0], MAX_LENGTH) else {}
    if status < 400:
        return echoed | {"Idempotent-Replayed": "false"}
    retriable = status >= 500 or status == 429 or (status == 400 and codes == {Code.ORDER_IN_PROGRESS})
    return echoed | {"Idempotent-Retriable": "true" if retriable else "false"}
