"""The log of the functions, as CloudWatch gets it: its lines, and what is measured by them."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import Any, NamedTuple

from functions.shared.metrics import Metric
from functions.shared.observability import logger


class Series(NamedTuple):
    """A metric with its dimensions: what CloudWatch keeps, and charges for, by itself."""

    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


class Log(logging.Handler):
    """What was logged since it was made; by one thread, if it is named: beside it a whole system may run."""

    def __init__(self, thread: int | None) -> None:
        super().__init__(logging.INFO)
        self._thread = thread
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as it is written, with the context that its thread has now."""
        if self._thread in {None, record.thread}:
            self.lines.append(json.loads(logger.registered_formatter.format(record)))

    def of(self, **fields: Any) -> list[dict[str, Any]]:
        """The lines that have all these fields."""
        return [line for line in list(self.lines) if fields.items() <= line.items()]

    def measured(self, metric: Metric, of: str | None = None, **fields: Any) -> list[float]:
        """What was measured of a metric, in lines with these fields."""
        series = Series(metric.name, frozenset({(metric.by, of)}) if metric.by and of else frozenset())
        return [value for line in self.of(**fields) for value in values_of(line).get(series, [])]


def values_of(line: Mapping[str, Any]) -> dict[Series, list[float]]:
    """What CloudWatch takes from a line: values by series."""
    return {
        Series(metric["Name"], frozenset((name, line[name]) for name in names)): line[metric["Name"]]
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
        for names in directive["Dimensions"]
    }


@contextmanager
def recorded(*, here: bool = False) -> Iterator[Log]:
    """The log, from now on; only what is logged ``here``, in this thread."""
    log, own = Log(get_ident() if here else None), logging.getLogger(logger.name)
    level = own.level
    own.addHandler(log)
    own.setLevel(logging.INFO)
    try:
        yield log
    finally:
        own.setLevel(level)
        own.removeHandler(log)
