"""Records with a status: what may follow what is one table of data per kind."""

from collections.abc import Mapping
from typing import Any, ClassVar

from functions.shared.records import Record


class IllegalTransition(Exception):
    """The status does not allow the step."""


class Stateful(Record):
    """A record whose ``status`` moves along ``TRANSITIONS`` and no other way.

    The write that carries a move has the condition that the record is still as it was read, so a move is always made
    from the status it was checked against.
    """

    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]]

    status: str

    def item(self) -> dict[str, Any]:
        """Return what is stored; the stream is filtered by ``status``."""
        return super().item() | {"status": self.status}

    def may_become(self, status: str) -> bool:
        """Whether the table allows the move from here."""
        return status in self.TRANSITIONS[self.status]

    def move_to(self, status: str) -> None:
        """Take the status. Raises :class:`IllegalTransition` if the table does not allow it from here."""
        if not self.may_become(status):
            raise IllegalTransition(f"{self.KIND} {self.id}: {self.status} cannot become {status}")
        self.status = status

    @property
    def final(self) -> bool:
        """Whether nothing follows its status."""
        return not self.TRANSITIONS[self.status]
