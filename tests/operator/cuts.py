"""Loads that are cut off."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from functions.shared.transaction import Transaction


class CutOff(BaseException):
    """The process ends here."""


@contextmanager
def cut_off(after: int, *, committed: bool = False) -> Iterator[None]:
    """End this thread's work with its transaction number ``after``, whether that one is ``committed`` or not."""
    thread, number, commit = threading.get_ident(), count(), Transaction.commit

    def cut(change: Transaction) -> None:
        here = threading.get_ident() == thread and next(number) >= after
        if committed or not here:
            commit(change)
        if here:
            raise CutOff

    with patch.object(Transaction, "commit", cut):
        yield
