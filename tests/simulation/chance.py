"""Ids, keys and the functions' own dice, the same each time a seed is run."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from ulid import ULID

from tests.simulation.scheduler import Scheduler


class Ids:
    """Ids and dice, which follow from the place where they are made: the same also if something else is left out."""

    def __init__(self, seed: int, scheduler: Scheduler) -> None:
        self._seed = seed
        self._scheduler = scheduler
        self._numbers = count()

    def ulid(self, _prefix: str, moment: datetime) -> ULID:
        """Return an id of the moment."""
        return ULID.from_bytes(int(moment.timestamp() * 1000).to_bytes(6, "big") + self.some_bytes(10))

    def uuid(self) -> "Uuid":
        """Return what looks like a UUID."""
        return Uuid.from_bytes(self.some_bytes(16), "big")

    def dice(self) -> Random:
        """Return chance for what only spreads load."""
        return Random(self.some_bytes(8))  # noqa: S311 - the same each time

    def some_bytes(self, length: int) -> bytes:
        """Return bytes that are made nowhere else."""
        running = self._scheduler.running[-1] if self._scheduler.running else None
        place, numbers = (running.message.place, running.ids) if running else ("", self._numbers)
        return hashlib.sha256(f"{self._seed} {place} {next(numbers)}".encode()).digest()[:length]


class Uuid(int):
    """A number that shows itself as a UUID does."""

    @property
    def hex(self) -> str:
        """Return its digits."""
        return f"{int(self):032x}"

    def __str__(self) -> str:
        """Return its digits."""
        return self.hex


class Keys:
    """KMS: the one data key that it has is wrapped in its encryption context."""

    def generate_data_key(self, *, EncryptionContext: Mapping[str, str], **_: Any) -> dict[str, bytes]:  # noqa: N803 - boto3's names, as below
        """Return the key."""
        return {"Plaintext": bytes(32), "CiphertextBlob": repr(sorted(EncryptionContext.items())).encode()}

    def decrypt(self, *, EncryptionContext: Mapping[str, str], **_: Any) -> dict[str, bytes]:  # noqa: N803
        """Return the key."""
        return {"Plaintext": bytes(32)}
