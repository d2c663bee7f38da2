"""A usage plan: so many requests a second for each API key, and so many at once."""

import time
from threading import Lock

RATE = 100
BURST = 200


class Throttle:
    """A token bucket per API key."""

    def __init__(self, rate: int = RATE, burst: int = BURST) -> None:
        self.rate = rate
        self.burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def admits(self, api_key: str) -> bool:
        """Take a token of the key's bucket, if there is one."""
        now = time.monotonic()
        with self._lock:
            tokens, since = self._buckets.get(api_key, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - since) * self.rate)
            admitted = tokens >= 1
            self._buckets[api_key] = (tokens - 1 if admitted else tokens, now)
        return admitted

    def refill(self) -> None:
        """Forget what was sent so far."""
        with self._lock:
            self._buckets.clear()
