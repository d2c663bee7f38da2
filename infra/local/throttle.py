"""A usage plan: the rate of requests per second for each API key, and their burst."""

import time
from threading import Lock

RATE = 100
BURST = 200


class Throttle:
    """A token bucket per API key."""

    def __init__(self, rate: int = RATE, burst: int = BURST) -> None:
        self._standard = (rate, burst)
        self._others: dict[str, tuple[int, int]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def limit(self, api_key: str, rate: int | None, burst: int | None) -> None:
        """Set the key's own limits, instead of the default ones."""
        self._others[api_key] = (rate or self._standard[0], burst or self._standard[1])

    def rate_of(self, api_key: str) -> int:
        """Return the key's rate per second."""
        return self._others.get(api_key, self._standard)[0]

    def admits(self, api_key: str) -> bool:
        """Take a token from the key's bucket; return whether there was one."""
        now = time.monotonic()
        rate, burst = self._others.get(api_key, self._standard)
        with self._lock:
            tokens, since = self._buckets.get(api_key, (float(burst), now))
            tokens = min(float(burst), tokens + (now - since) * rate)
            admitted = tokens >= 1
            self._buckets[api_key] = (tokens - 1 if admitted else tokens, now)
        return admitted

    def refill(self) -> None:
        """Refill every bucket."""
        with self._lock:
            self._buckets.clear()
