"""The signals: what an alarm rings for. Alarms, the dashboard and docs/runbook.md follow this list.

Nothing here counts a refusal that is part of the work: no eSIM in stock, a step that comes too late, a bad token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from functions.shared import metrics
from functions.shared.metrics import Metric

PAGE = "docs/runbook.md"


class Series(NamedTuple):
    """A metric of the functions; with a dimension, for one value of it."""

    metric: Metric
    of: str | None = None


@dataclass(frozen=True, eq=False)
class Signal:
    """What rings if the sum of its metrics, or the ``formula`` of ours, reaches the threshold in a period."""

    name: str
    """Also the heading of its entry in the runbook."""
    says: str
    threshold: float = 1
    minutes: int = 5
    ours: Mapping[str, Series] = field(default_factory=dict)
    """What the functions measure, by its name in the formula; the constructs add metrics of AWS."""
    formula: str | None = None
    statistic: Literal["Sum", "Minimum", "Maximum"] = "Sum"
    missing: Literal["good", "bad", "ignored"] = "good"
    """What it means that nothing was measured."""
    below: bool = False
    """Whether it rings below the threshold."""
    each: bool = False
    """Whether every metric has an alarm of its own."""

    @property
    def description(self) -> str:
        """Return what the one who is woken reads first."""
        return f"{self.says} What to do: {PAGE}#{self.name}"


FAULTS = ("internal_error", "network_rejected", "network_timeout")
"""The codes of orders that fail through us or the mobile network; the others follow from what was ordered."""
FAILED = f"({' + '.join(f'FILL({code}, 0)' for code in FAULTS)})"
ENDED = {code: Series(metrics.ORDERS_FAILED, code) for code in FAULTS}
ENDED["completed"] = Series(metrics.ORDERS_COMPLETED)
WAITING = {"late": Series(metrics.ORDERS_LATE), "completed": ENDED["completed"]}

SIGNALS = (
    Signal(
        "orders-failing",
        "A fifth of the orders fail, and at least five.",
        minutes=15,
        ours=ENDED,
        formula=f"({FAILED} >= 5) * ({FAILED} >= 0.25 * FILL(completed, 0))",
    ),
    Signal(
        "order-failed-internally",
        "An order failed through a fault of ours.",
        ours={"failed": Series(metrics.ORDERS_FAILED, "internal_error")},
    ),
    Signal(
        "network-silent",
        "The mobile network does not answer.",
        threshold=3,
        minutes=15,
        ours={"failed": Series(metrics.ORDERS_FAILED, "network_timeout")},
    ),
    Signal(
        "no-order-completed",
        "Orders are late, and none is completed.",
        minutes=15,
        ours=WAITING,
        formula="(FILL(late, 0) > 0) * (FILL(completed, 0) == 0)",
    ),
    Signal(
        "needs-repair",
        "An order could be neither completed nor undone.",
        ours={"orders": Series(metrics.ORDERS_NEEDING_REPAIR)},
    ),
    Signal("executions-cut-off", "An execution was aborted or timed out."),
    Signal(
        "clock-silent", "The clock does not run.", ours={"runs": Series(metrics.CLOCK_RUNS)}, below=True, missing="bad"
    ),
    Signal(
        "stream-silent",
        "Nothing comes through the table's stream.",
        ours={"runs": Series(metrics.STREAM_RUNS)},
        below=True,
        missing="bad",
    ),
    Signal("stream-late", "Changes of the table wait for minutes.", threshold=300_000, statistic="Maximum"),
    Signal("events-dropped", "Events were given up on, or even lost."),
    Signal("failures-waiting", "A queue holds what was given up on.", statistic="Maximum", each=True),
    Signal(
        "functions-failing",
        "Functions fail unexpectedly.",
        threshold=3,
        minutes=15,
        ours={"failures": Series(metrics.UNEXPECTED_FAILURES)},
    ),
    Signal("functions-killed", "Lambda ended a function before it was done."),
    Signal("api-failing", "The API answered with a 5xx."),
    Signal("functions-throttled", "Lambda does not run functions: the account's concurrency is used up."),
    Signal("table-throttled", "DynamoDB throttles the table or an index.", threshold=10),
    Signal("executions-throttled", "Step Functions throttles the executions."),
    Signal("bus-throttled", "EventBridge throttles the bus."),
    Signal(
        "esims-low",
        "A partner's eSIMs run out.",
        threshold=100,
        minutes=15,
        ours={"stock": Series(metrics.ESIM_STOCK)},
        statistic="Minimum",
        missing="ignored",
        below=True,
    ),
    Signal("webhooks-late", "Messages of webhooks wait for an hour.", threshold=3600, statistic="Maximum"),
    Signal(
        "webhooks-resting",
        "A webhook has failed so often in a row that it rests.",
        minutes=60,
        ours={"attempts": Series(metrics.WEBHOOKS_RESTING)},
    ),
)

KILLED = (
    "Task timed out",
    "Status: timeout",
    "Runtime exited",
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
    "Runtime.ImportModuleError",
    "Runtime.HandlerNotFound",
    "Runtime.UserCodeSyntaxError",
)
"""What Lambda writes into the log of a function that it has ended, or could not begin."""

SUBJECTS = "partner, order_id, correlation_id"
QUERIES = {
    "Unexpected failures": (
        f"fields @timestamp, function_name, message, {SUBJECTS}, exception",
        'filter level = "ERROR"',
        "sort @timestamp desc",
        "limit 50",
    ),
    "Failed orders": (
        f"fields @timestamp, code, {SUBJECTS}",
        f'filter message = "{metrics.ORDERS_FAILED.name}"',
        "sort @timestamp desc",
        "limit 50",
    ),
    "All of one order (put in its id)": (
        "fields @timestamp, function_name, message, step, execution, code, status",
        'filter order_id = "ord_…"',
        "sort @timestamp",
    ),
    "All of one request (put in its Correlation-Id)": (
        "fields @timestamp, function_name, message, order_id, status",
        'filter correlation_id = "…"',
        "sort @timestamp",
    ),
    "Ended by Lambda": (
        "fields @timestamp, @log, @message",
        f"filter @message like /{'|'.join(KILLED)}/",
        "sort @timestamp desc",
        "limit 50",
    ),
    "Webhooks that rest": (
        f'filter message = "{metrics.WEBHOOKS_RESTING.name}"',
        "stats count(*) as attempts by partner, delivery_id",
    ),
    "The slowest invocations": (
        'filter @type = "REPORT"',
        "fields @timestamp, @log, @duration, @maxMemoryUsed",
        "sort @duration desc",
        "limit 20",
    ),
}
"""What somebody on call asks the logs, in the language of Logs Insights."""
