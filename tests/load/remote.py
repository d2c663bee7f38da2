"""The functions in processes of their own: some for requests, as many for what happens behind them."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from functions.orders.execution_task import Superseded
from functions.orders.kind import StepRefused
from infra.local.functions import CHANGES, EXECUTION_TASK, Functions
from tests.load import worker
from tests.load.worker import Asked

BEHIND = {CHANGES, EXECUTION_TASK}
KNOWN: dict[str, type[Exception]] = {each.__name__: each for each in (StepRefused, Superseded)}


class Failed(Exception):
    """A function has failed in its process."""


def processes(number: int) -> ProcessPoolExecutor:
    """Return processes that know nothing of this one but its environment."""
    return ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=worker.begin)


class Remote(Functions):
    """The functions by the names of their modules; ``hear`` is told what they ask of other services."""

    def __init__(self, number: int, hear: Callable[[Asked], None]) -> None:
        super().__init__()
        self._doors, self._others = processes(number), processes(number)
        self._hear = hear

    def invoke(self, module: str, event: Any) -> Any:
        """Run the function in one of the processes; return its result, or raise what its handler raises."""
        pool = self._others if module in BEHIND else self._doors
        outcome = pool.submit(worker.invoke, module, event).result()
        for asked in outcome.asked:
            self._hear(asked)
        if outcome.error:
            name, text = outcome.error
            raise KNOWN[name](text) if name in KNOWN else Failed(text or name)
        return outcome.answer

    def stop(self) -> None:
        """End the processes."""
        for pool in (self._doors, self._others):
            pool.shutdown(cancel_futures=True)
