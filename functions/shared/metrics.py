"""The metrics of the system: lines of the log that CloudWatch counts (the embedded metric format).

Each series of a metric costs $0.30 a month, so a metric has one dimension at most, with few values, and never one that
partners choose or that is personal. Beside the series by dimension, each metric has one of everything.
"""

import os
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
"""The setting that names the stage: metrics of different stages have different namespaces."""


class Metric(NamedTuple):
    """A metric."""

    name: str
    by: str | None = None
    """Its dimension."""
    unit: MetricUnit = MetricUnit.Count


ORDERS_ACCEPTED = Metric("OrdersAccepted")
ORDERS_COMPLETED = Metric("OrdersCompleted")
ORDERS_FAILED = Metric("OrdersFailed", by="code")
ORDERS_DELAYED = Metric("OrdersDelayed")
"""Orders that were not final by ``expected_by``, each once."""
ORDERS_LATE = Metric("OrdersLate")
"""Orders that are not final although ``expected_by`` has passed, each every five minutes."""
ORDERS_ENDED_LATE = Metric("OrdersEndedLate", by="status")
"""Orders that became final after ``expected_by``, whether or not the clock has seen that."""
ORDER_DURATION = Metric("OrderDuration", unit=MetricUnit.Seconds)
"""From ``fulfilling`` to ``completed``."""
ORDERS_NEEDING_REPAIR = Metric("OrdersNeedingRepair")
"""Orders that the clock cannot bring to an end, each every five minutes."""
ESIM_STOCK = Metric("EsimStock", by="partner")
"""How many eSIMs a partner has in stock when an order takes one; above 50, an estimate."""
NETWORK_ANSWERS = Metric("NetworkAnswers", by="answer")
WEBHOOK_DELIVERIES = Metric("WebhookDeliveries", by="outcome")
WEBHOOKS_RESTING = Metric("WebhooksResting")
"""Failed attempts of webhooks that rest."""
CLOCK_RUNS = Metric("ClockRuns")
STREAM_RUNS = Metric("StreamRuns")
"""Heartbeats of the clock that have come through the stream."""
UNEXPECTED_FAILURES = Metric("UnexpectedFailures")
"""What failed in a function for a reason that is not part of its work; a refusal is."""


def as_emf(metric: Metric, value: float = 1, of: str | None = None) -> dict[str, Any]:
    """Return the members that make a line of the log a measurement; ``of`` is the value of the metric's dimension."""
    measured = EphemeralMetrics(namespace=os.environ.get(NAMESPACE, "mobile-orders"))
    measured.add_metric(metric.name, metric.unit, value)
    if metric.by and of:
        measured.add_dimensions(**{metric.by: of})
    return dict(measured.serialize_metric_set())
