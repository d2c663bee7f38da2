"""What is random in the sandbox, made to repeat itself from a seed (contract §9)."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from random import Random, SystemRandom
from threading import Lock

from ulid import ULID

from functions.shared import ids
from functions.sim_profiles import stock
from infra.local.patches import all_replaced

LEAST_STEP, STEP_BITS = 1 << 20, 48
"""How far apart the random halves of two ids are: a change numbers its events from one on."""


class Chance:
    """The same random choices from the same seed, each kind in an order of its own; without a seed, real ones."""

    def __init__(self, seed: str = "", starts: int = 0) -> None:
        self._seed = seed
        self._lock = Lock()
        self.restart(starts)

    def restart(self, starts: int = 0) -> None:
        """Begin again with the first choices; others for what has been started so often before."""
        with self._lock:
            self._starts = starts
            self._sources: dict[str, Random] = {}
            self._halves: dict[str, int] = {}

    def source(self, purpose: str) -> Random:
        """Return the generator for one purpose."""
        with self._lock:
            return self._source(purpose)

    def in_force(self) -> AbstractContextManager[None]:
        """With a seed, let the functions choose from it."""
        if not self._seed:
            return nullcontext()
        sims = partial(self.source, "stock")
        return all_replaced((ids, "random_ulid", lambda _: self._ulid), (stock, "choices", lambda _: sims))

    def _source(self, purpose: str) -> Random:
        if not self._seed:
            return SystemRandom()
        return self._sources.setdefault(purpose, Random(f"{self._seed} {purpose} {self._starts}"))  # noqa: S311 - to be repeated

    def _ulid(self, prefix: str, moment: datetime) -> ULID:
        """Return the next id with this prefix: its random half is above the last one's, as it is within a millisecond.

        So it does not depend on how many ids a millisecond has.
        """
        with self._lock:
            source = self._source(prefix)
            last = self._halves.get(prefix) or source.getrandbits(79)
            half = self._halves[prefix] = last + LEAST_STEP + source.getrandbits(STEP_BITS)
        return ULID(ULID.from_datetime(moment).bytes[:6] + half.to_bytes(10, "big"))
