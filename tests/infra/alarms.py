"""The alarms of a template, and what each of them watches."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.infra.template import Template


class Watched(NamedTuple):
    """A metric that an alarm watches, with the names of its dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[str]


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Those of its signals by their names; others are for a deployment."""
    return {alarm["AlarmName"]: alarm for alarm in template.of("CloudWatch::Alarm").values() if "AlarmName" in alarm}


def metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The metrics that it watches: itself, or those of its expression."""
    if "Metrics" not in alarm:
        yield alarm
    for each in alarm.get("Metrics", []):
        if "MetricStat" in each:
            yield each["MetricStat"]["Metric"]


def watched(alarm: dict[str, Any]) -> Iterator[Watched]:
    """The same in short."""
    for metric in metrics_of(alarm):
        names = frozenset(dimension["Name"] for dimension in metric.get("Dimensions", []))
        yield Watched(metric["Namespace"], metric["MetricName"], names)


def expression(alarm: dict[str, Any]) -> str | None:
    """What it works out of its metrics, if anything."""
    return next((each["Expression"] for each in alarm.get("Metrics", []) if "Expression" in each), None)
