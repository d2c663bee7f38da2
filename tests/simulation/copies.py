"""Several processes run seeds side by side: copies of this one, in which all that worlds share is there already."""

import gc
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.simulation.run import Result, beginning, run

COPIES = get_context("fork")


def results(seeds: Sequence[int], processes: int) -> Iterator[Result]:
    """Yield what came of each seed, as soon as that is known."""
    beginning()
    gc.freeze()  # what is here already is shared with every copy, not looked through and so copied by each
    if processes == 1:
        yield from map(run, seeds)
        return
    running: list[Any] = [_copy(seeds[number::processes]) for number in range(processes)]
    while running:
        ready: list[Any] = wait(running)
        for receiving in ready:
            try:
                yield receiving.recv()
            except EOFError:
                running.remove(receiving)


def _copy(seeds: Sequence[int]) -> Connection:
    receiving, sending = COPIES.Pipe(duplex=False)

    def work() -> None:
        for seed in seeds:
            sending.send(run(seed))

    COPIES.Process(target=work).start()
    sending.close()
    return receiving
