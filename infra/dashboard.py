"""The dashboard of a stage: what happens, a graph for each signal, and what somebody on call asks the logs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from functions.shared import metrics
from functions.shared.metrics import Metric
from infra.signals import PAGE, QUERIES, Signal

WIDTH, HEIGHT, WHOLE = 8, 6, 24
PERIOD = Duration.minutes(5)
TOTALS = (metrics.ORDERS_ACCEPTED, metrics.ORDERS_COMPLETED, metrics.ORDERS_FAILED, metrics.ORDERS_DELAYED)
DURATIONS = ("p50", "p90", "Maximum")
"""How long orders take: the median, what nine of ten take at most, and the longest."""
DIVIDED = {
    metrics.ORDERS_FAILED: "Sum",
    metrics.ORDERS_ENDED_LATE: "Sum",
    metrics.ESIM_STOCK: "Minimum",
    metrics.NETWORK_ANSWERS: "Sum",
    metrics.WEBHOOK_DELIVERIES: "Sum",
}
"""Metrics that are shown by their dimension, and what of them in a period."""


class Graphed(NamedTuple):
    """What a signal's graph shows; the threshold only if the metrics themselves are compared with it."""

    metrics: Sequence[cloudwatch.IMetric]
    threshold: float | None


def dashboard(scope: Construct, name: str, graphs: Mapping[Signal, Graphed], logs: Sequence[str]) -> None:
    """Make the dashboard of the stage's metrics, whose namespace has the same name."""
    made = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=name)
    made.add_widgets(cloudwatch.TextWidget(markdown=f"What an alarm means, and what to do: {PAGE}", width=WHOLE))
    made.add_widgets(*_trends(name))
    made.add_widgets(*(_of_signal(signal, graphed) for signal, graphed in graphs.items()))
    for title, query in QUERIES.items():
        made.add_widgets(
            cloudwatch.LogQueryWidget(title=title, log_group_names=logs, query_lines=list(query), width=WHOLE)
        )


def _trends(namespace: str) -> Iterable[cloudwatch.GraphWidget]:
    """Yield the graphs of what happens."""
    yield _graph("Orders", [_total(namespace, metric, "Sum") for metric in TOTALS])
    yield _graph("Order duration", [_total(namespace, metrics.ORDER_DURATION, each) for each in DURATIONS])
    for metric, statistic in DIVIDED.items():
        yield _graph(f"{metric.name} by {metric.by}", [_divided(namespace, metric, statistic)])


def _total(namespace: str, metric: Metric, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(namespace=namespace, metric_name=metric.name, statistic=statistic, period=PERIOD)


def _divided(namespace: str, metric: Metric, statistic: str) -> cloudwatch.MathExpression:
    wanted = f'{{"{namespace}",{metric.by}}} MetricName="{metric.name}"'
    search = f"SEARCH('{wanted}', '{statistic}', {int(PERIOD.to_seconds())})"
    return cloudwatch.MathExpression(expression=search, label="", period=PERIOD)


def _of_signal(signal: Signal, graphed: Graphed) -> cloudwatch.GraphWidget:
    lines = [] if graphed.threshold is None else [cloudwatch.HorizontalAnnotation(value=graphed.threshold)]
    return _graph(signal.name, graphed.metrics, lines)


def _graph(
    title: str,
    shown: Sequence[cloudwatch.IMetric],
    lines: Sequence[cloudwatch.HorizontalAnnotation] = (),
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=shown, left_annotations=[*lines], width=WIDTH, height=HEIGHT)
