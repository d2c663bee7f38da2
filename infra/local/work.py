"""What is under way in the system, so that somebody can wait until nothing is."""

import time
from collections import Counter
from collections.abc import Callable
from threading import Condition

CHECK_SECONDS = 0.005


class Work:
    """Counts what is under way by its names. What causes something ends after that has begun, so there is no gap."""

    def __init__(self) -> None:
        self._changed = Condition()
        self.restart()

    def restart(self) -> None:
        """Forget what is under way; its ends count no more."""
        with self._changed:
            self._names: Counter[str] = Counter()
            self._begun = 0
            self._given_up = False

    def give_up(self) -> None:
        """Let nobody wait before the restart."""
        with self._changed:
            self._given_up = True
            self._changed.notify_all()

    def begin(self, name: str) -> Callable[[], None]:
        """Count one more; return what is to be called at its end."""
        with self._changed:
            names = self._names
            names[name] += 1
            self._begun += 1

        def end() -> None:
            with self._changed:
                names[name] -= 1
                if not names[name]:
                    del names[name]
                if not names:
                    self._changed.notify_all()

        return end

    def await_rest(self, seconds: float, others_rest: Callable[[], bool]) -> None:
        """Wait until nothing is under way, nor with others, or until it is given up.

        Raise ``TimeoutError`` if this takes longer.
        """
        deadline = time.monotonic() + seconds
        while (begun := self._rest(deadline)) is not None and not (others_rest() and begun == self._rest(deadline)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the system did not come to rest within {seconds} s: others are busy")
            time.sleep(CHECK_SECONDS)

    def _rest(self, deadline: float) -> int | None:
        """Wait until nothing of ours is under way; return how much has begun so far, ``None`` if it is given up."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._given_up or not self._names, deadline - time.monotonic()):
                raise TimeoutError(f"the system did not come to rest in time: {dict(self._names)}")
            return None if self._given_up else self._begun
