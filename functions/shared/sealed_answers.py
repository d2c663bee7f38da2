"""Answers that show a secret: under a key they are remembered like others, but sealed (contract §8, secrets)."""

from collections.abc import Callable
from typing import Any, TypeVar

from functions.shared import sealing
from functions.shared.idempotency import IdempotencyKey
from functions.shared.sealed import Sealed
from functions.shared.sealing import Kind

F = TypeVar("F", bound=Callable[..., Any])


class SealingKey(IdempotencyKey):
    """A key whose answer is stored sealed, bound to where it is stored."""

    def _kept(self, body: str) -> str:
        return sealing.seal(Kind.ANSWER, self._partner, {self._name: body})[self._name].model_dump_json()

    def _opened(self, kept: str) -> str:
        return sealing.unseal(Kind.ANSWER, self._partner, self._name, Sealed.model_validate_json(kept))

    @property
    def _partner(self) -> str:
        return self.storage_key.pk.partition("#")[0]

    @property
    def _name(self) -> str:
        return self.storage_key.pk.partition("#")[2]


def shows_secret(function: F) -> F:
    """Declare that the answers of an operation show a secret."""
    vars(function)["key_kind"] = SealingKey
    return function
