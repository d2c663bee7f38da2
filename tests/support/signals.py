"""Whether an alarm would ring, after what the functions have measured in one of its periods."""

from collections.abc import Callable, Sequence

from infra.signals import SIGNALS, Signal
from tests.support.log import Log

BY_NAME = {signal.name: signal for signal in SIGNALS}
ON_OURS = [name for name, signal in BY_NAME.items() if signal.ours]
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {"Sum": sum, "Minimum": min, "Maximum": max}


def rings(name: str, log: Log) -> bool:
    """Whether the signal's alarm rings; what AWS itself measures of it is taken for nothing."""
    signal = BY_NAME[name]
    assert signal.ours, f"only AWS measures {name}"
    return _reached(signal, worked_out(signal, {each: _value(signal, each, log) for each in signal.ours}))


def rings_at(name: str, values: Sequence[float]) -> bool:
    """Whether the signal's alarm rings if AWS measures these values of a metric that it watches, and nothing else."""
    signal = BY_NAME[name]
    return _reached(signal, STATISTICS[signal.statistic](values) if values else None)


def _reached(signal: Signal, value: float | None) -> bool:
    if value is None:
        return signal.missing == "bad"
    return value < signal.threshold if signal.below else value >= signal.threshold


def worked_out(signal: Signal, values: dict[str, float | None]) -> float | None:
    """What CloudWatch makes of the values of a period: FILL fills in what is missing, comparisons are 1 or 0."""
    if signal.formula:
        names = {**values, "FILL": lambda value, instead: instead if value is None else value}
        return float(eval(signal.formula, {"__builtins__": {}}, names))  # noqa: S307 - our own formula
    known = [value for value in values.values() if value is not None]
    return sum(known) if known else None


def _value(signal: Signal, name: str, log: Log) -> float | None:
    series = signal.ours[name]
    measured = log.measured(series.metric, series.of)
    return STATISTICS[signal.statistic](measured) if measured else None


def ringing(log: Log) -> set[str]:
    """The alarms that ring, but for those of silence: nobody has to wait for the clock here."""
    return {name for name in ON_OURS if rings(name, log)} - {"clock-silent", "stream-silent", "esims-low"}
