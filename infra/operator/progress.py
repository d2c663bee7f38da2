"""Progress reports of long commands."""

import sys
from time import monotonic as now
from types import TracebackType
from typing import Self, TextIO

ON_A_TERMINAL = 0.2
ELSEWHERE = 10.0
"""Seconds between two reports: on a terminal they share one line, in a log each has its own."""


class Progress:
    """Reports the progress of its ``with`` block: how much is done, the speed, and the time left."""

    def __init__(self, work: str, total: int, out: TextIO | None = None) -> None:
        self.work = work
        self._total = total
        self._out = out or sys.stderr
        self._done = 0
        self._began = self._reported_at = now()

    def add(self, count: int) -> None:
        """Add to what is done."""
        self._done += count
        moment = now()
        if moment - self._reported_at >= (ON_A_TERMINAL if self._out.isatty() else ELSEWHERE):
            self._reported_at = moment
            self._report(moment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._total:
            self._report(now())
            if self._out.isatty():
                print(file=self._out)

    def _report(self, moment: float) -> None:
        speed = self._done / max(moment - self._began, 0.001)
        text = f"{self.work}: {self._done:,} of {self._total:,}, {speed:,.0f} per second"
        if 0 < self._done < self._total:
            text += f", {(self._total - self._done) / speed:,.0f} s left"
        begin, end = ("\r\033[K", "") if self._out.isatty() else ("", "\n")
        print(f"{begin}{text}", end=end, file=self._out, flush=True)
