"""``Idempotency-Key``: one request, one effect, one answer (contract §1).

The transaction that has the effect also writes the response, so there is never one without the other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from functions.shared import clock, personal_answers, table
from functions.shared.headers import Headers, is_printable, the_one
from functions.shared.records import Found, Key
from functions.shared.refusals import Code, Fault, Refusal, invalid
from functions.shared.transaction import Transaction

NAME = "Idempotency-Key"
METHODS = frozenset({"POST", "PATCH"})
MAX_LENGTH = 255
KEPT = timedelta(hours=24)
"""The table deletes late, so what reads a key checks this itself."""


class Replay(Exception):
    """The request was answered before; this is the stored response."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        super().__init__("replayed")
        self.status = status
        self.body = body
        self.headers = {**headers, "Idempotent-Replayed": "true"}


@dataclass(frozen=True)
class IdempotencyKey:
    """A key in its scope (``storage_key``: partner, method, path) with the fingerprint of its body."""

    storage_key: Key
    fingerprint: str = ""

    def for_body(self, body: Any) -> "IdempotencyKey":
        """Return the key with the fingerprint of a JSON value from :func:`~functions.shared.json_values.parse`.

        Equal values have equal fingerprints, regardless of their format.
        """
        canonical = json.dumps(body, sort_keys=True)
        return replace(self, fingerprint=hashlib.sha256(canonical.encode()).hexdigest())

    def check(self, found: Found) -> None:
        """Raise :class:`Replay` if the key was used with this body, a 422 if with another.

        If the key is not found, it may still be in use: see :meth:`look_up`.
        """
        self._raise_if_used(found.item(self.storage_key))

    def look_up(self) -> None:
        """Raise what :meth:`check` raises, after a read that sees every transaction in progress."""
        self._raise_if_used(table.get_committed_item(self.storage_key))

    def _raise_if_used(self, used: Mapping[str, Any] | None) -> None:
        if used is None or used["expires_at"] <= clock.iso(clock.machine_time()):
            return
        if used["fingerprint"] != self.fingerprint:
            raise Refusal(422, "This Idempotency-Key was used with another body; take a new key for a new request.")
        raise Replay(used["status"], json.loads(self._opened(used["body"])), used["headers"])

    def remember(self, change: Transaction, status: int, body: Any, headers: Mapping[str, str]) -> None:
        """Let the change commit only if the key is still free, and store the response with it."""
        now = clock.machine_time()
        until = now + KEPT
        memory = {
            "fingerprint": self.fingerprint,
            "status": status,
            "body": self._kept(json.dumps(body)),
            "headers": dict(headers),
            "expires_at": clock.iso(until),
            "ttl": int(until.timestamp()),
        }
        memory |= personal_answers.found_by(self.storage_key, body, until)
        change.claim(self.storage_key, memory, free_from=now)

    def _kept(self, body: str) -> str:
        """Return what is stored of the body of an answer."""
        return body

    def _opened(self, kept: str) -> str:
        """Return the body of which this is stored."""
        return kept


def key_of(
    headers: Headers, method: str, partner: str, path: str, kind: type[IdempotencyKey] = IdempotencyKey
) -> IdempotencyKey | None:
    """Return the key of a POST or PATCH, if it has one; its ``kind`` decides how the answer is stored.

    Raise a 400 if it is not 1-255 printable characters, or if there are two different ones.
    """
    if method not in METHODS or (value := the_one(headers, NAME)) is None:
        return None
    if not is_printable(value, MAX_LENGTH):
        detail = f"{NAME} must be 1 to {MAX_LENGTH} printable ASCII characters."
        raise invalid(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail))
    digest = hashlib.sha256(f"{method} {path}\n{value}".encode()).hexdigest()
    return kind(Key(f"{partner}#idempotency#{digest}", "idempotency"))


def response_headers(headers: Headers, method: str, status: int, codes: set[Code]) -> dict[str, str]:
    """Return the headers about the key in the response to a keyed request; ``codes`` are those of its errors.

    A key that is not valid is not echoed: it may contain what is not allowed in a header.
    """
    values = headers.get(NAME.lower(), ())
    if not values or method not in METHODS:
        return {}
    echoed = {NAME: values[0]} if len(values) == 1 and is_printable(values[0], MAX_LENGTH) else {}
    if status < 400:
        return echoed | {"Idempotent-Replayed": "false"}
    retriable = status >= 500 or status == 429 or (status == 400 and codes == {Code.ORDER_IN_PROGRESS})
    return echoed | {"Idempotent-Retriable": "true" if retriable else "false"}
