"""Copies of this process: each goes on where a fault strikes, with all that has happened until then."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from tests.faults.tap import Fault

FORKING = get_context("fork")


class Copies:
    """Gives each fault a copy of this process at the place where it strikes, and hears what comes of it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.heard: list[Any] = []
        self._faults: dict[tuple[str, int], list[Fault]] = defaultdict(list)
        for fault in faults:
            self._faults[fault.place, fault.number].append(fault)
        self._sending: Connection | None = None

    def choose(self, place: str, number: int) -> Fault | None:
        """Return the fault that strikes here to each copy, one after the other, and in the end none to the original."""
        for fault in self._faults[place, number]:
            receiving, sending = FORKING.Pipe(duplex=False)
            if (copy := os.fork()) == 0:
                self._sending = sending
                return fault
            sending.close()
            self.heard += received(receiving)
            os.waitpid(copy, 0)
        return None

    def end(self, result: Any) -> NoReturn:
        """End this copy, with what came of its fault."""
        assert self._sending, "this is the original"
        self._sending.send(result)
        os._exit(0)


def beside(work: Callable[[], Iterable[Any]]) -> Connection:
    """Carry out work in a process beside this one, which sends what it yields."""
    receiving, sending = FORKING.Pipe(duplex=False)

    def send() -> None:
        for each in work():
            sending.send(each)

    FORKING.Process(target=send).start()
    sending.close()
    return receiving


def received(copy: Connection) -> Iterator[Any]:
    """What a process has sent by its end."""
    with copy:
        while True:
            try:
                yield copy.recv()
            except EOFError:
                return
