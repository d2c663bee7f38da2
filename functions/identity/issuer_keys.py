"""The keys with which an issuer signs tokens. They outlive an outage of the issuer; new ones are found at once."""

import time
from collections import defaultdict
from threading import Lock

import jwt

from functions.shared.observability import logger

FRESH_SECONDS = 300.0
"""After this, the keys are fetched again, so that a withdrawn key is soon no longer trusted."""
LAST_GOOD_SECONDS = 24 * 3600.0
"""For this long, the last keys are trusted while no others can be fetched."""
REFRESH_PAUSE_SECONDS = 30.0
"""Between two attempts to replace old keys: an outage slows one request in this time, not each."""
UNKNOWN_PAUSE_SECONDS = 10.0
"""Between two fetches for unknown key ids, so that forged ids do not cause a fetch each."""
TIMEOUT_SECONDS = 2.0
FAILURES = (jwt.PyJWTError, OSError, ValueError)


class IssuerKeys:
    """The signing keys of one issuer by their ids."""

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=TIMEOUT_SECONDS)
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._next_attempt: dict[str, float] = defaultdict(lambda: float("-inf"))
        self._seeking = Lock()

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """Return the key, or ``None`` if the issuer has no such key.

        Raise what fetching raises, if there are no keys from the last :data:`LAST_GOOD_SECONDS`.
        """
        if not self._freshen() and key_id not in self._keys:
            self._seek(key_id)
        return self._keys.get(key_id)

    def _freshen(self) -> bool:
        """Fetch the keys if they are old; return whether this was tried."""
        age = time.monotonic() - self._fetched_at
        if age > LAST_GOOD_SECONDS:
            self._fetch()
            return True
        if age > FRESH_SECONDS and self._may_try("refresh", REFRESH_PAUSE_SECONDS):
            self._try_to_fetch()
            return True
        return False

    def _seek(self, key_id: str) -> None:
        """Fetch the keys because one is missing, unless a concurrent request has just fetched it."""
        with self._seeking:
            if key_id not in self._keys and self._may_try("unknown", UNKNOWN_PAUSE_SECONDS):
                self._try_to_fetch()

    def _may_try(self, reason: str, pause: float) -> bool:
        now = time.monotonic()
        if now < self._next_attempt[reason]:
            return False
        self._next_attempt[reason] = now + pause
        return True

    def _try_to_fetch(self) -> None:
        try:
            self._fetch()
        except FAILURES as error:
            logger.warning("The issuer's keys cannot be fetched; the last ones stay.", extra={"reason": repr(error)})

    def _fetch(self) -> None:
        self._keys = {key.key_id: key for key in self._client.get_signing_keys()}
        self._fetched_at = time.monotonic()
