"""The sandbox's time, which can be moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from functions.shared import clock
from infra.local.patches import replaced


class SandboxTime:
    """The time of the whole system: the machine's, moved forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the moved time, in place of :func:`functions.shared.clock.now`."""
        return clock.machine_time() + self._ahead

    def move_to(self, moment: datetime) -> None:
        """Go forward to the moment; never back."""
        self._ahead = max(self._ahead, moment - clock.machine_time())

    def restart(self) -> None:
        """Go back to the machine's time."""
        self._ahead = timedelta()

    def go_on_from(self, moment: datetime) -> None:
        """Let it be this moment now, before the machine's time or behind it."""
        self._ahead = moment - clock.machine_time()

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Make this the time of the whole system."""
        with replaced(clock, "now", lambda _original: self.now):
            yield
