"""How much is written."""

import pytest

from functions.shared.transaction import Transaction


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many items each transaction writes from now on."""
    written: list[int] = []
    real = Transaction.commit

    def commit(change: Transaction) -> None:
        written.append(len(change._writes) + len(change._events))
        real(change)

    monkeypatch.setattr(Transaction, "commit", commit)
    return written
