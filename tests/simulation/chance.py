"""Ids, keys and the functions' own dice, the same each time a seed is run."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from ulid import ULID


class Ids:
    """Ids that rise, and chance for what only spreads load."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 - the same each time
        self._numbers = count(1)

    def ulid(self, _prefix: str, moment: datetime) -> ULID:
        """Return an id of the moment; each is above the last, with room for those that follow from it."""
        number = next(self._numbers)
        half = number << 64 | self.chance.getrandbits(32)
        return ULID.from_bytes(int(moment.timestamp() * 1000).to_bytes(6, "big") + half.to_bytes(10, "big"))

    def uuid(self) -> "Uuid":
        """Return what looks like a UUID."""
        return Uuid(next(self._numbers))


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
