"""Records with a status, whose transitions are one table of data per kind."""

from collections.abc import Mapping
from typing import Any, ClassVar

from functions.shared.records import Record


class IllegalTransition(Exception):
    """The status does not allow the transition."""


class Stateful(Record):
    """A record whose ``status`` only changes along ``TRANSITIONS``.

    Every write has the condition that the record is unchanged since it was read, so the transition is made from the
    status that was checked.
    """

    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]]

    status: str

    def item(self) -> dict[str, Any]:
        """Return what is stored; the stream is filtered by ``status``."""
        return super().item() | {"status": self.status}

    def may_become(self, status: str) -> bool:
        """Return whether the transition from the current status is allowed."""
        return status in self.TRANSITIONS[self.status]

    def move_to(self, status: str) -> None:
        """Move to the status. Raise :class:`IllegalTransition` if the current status does not allow it."""
        if not self.may_become(status):
            raise IllegalTransition(f"{self.KIND} {self.id}: {self.status} cannot become {status}")
        self.status = status

    @property
    def final(self) -> bool:
        """Whether its status is final."""
        return not self.TRANSITIONS[self.status]
