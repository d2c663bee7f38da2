"""What an order and an idle stage use, as tests count it; docs/costs.md is computed from it."""

from typing import NamedTuple


class Used(NamedTuple):
    """What something uses of each service."""

    requests: int
    invocations: int
    write_units: int
    read_units: int
    transitions: int
    bus_events: int


EVENTS = 6
"""Events of an activation with one plan."""
ACTIVATION = Used(
    requests=1,
    invocations=14,  # authorizer, door, two steps, answers, simulated network; and the stream, for each of 8 records
    write_units=61,
    read_units=32,
    transitions=3,
    bus_events=EVENTS + 2,  # the request to the network, and its answer
)
"""An activation with one plan, without webhooks, from the API to its last event (tests/lifecycle/test_budgets.py)."""
CLOCK_QUERIES = 8
"""Of the index of what is due, in a minute in which nothing is (tests/unit/test_minute.py)."""
IDLE_METRICS = 2
"""That have values while nothing happens: the runs of the clock and of the stream (functions/shared/metrics.py)."""

CLOCK_SECONDS = 0.2
"""How long the clock runs if nothing is due. Like the following, it is an estimate: it was never seen on AWS."""
RUN_SECONDS = 0.1
"""How long a function runs for an order."""
LOG_BYTES = 1500
"""What an invocation writes, with Lambda's own lines."""
POLLERS, POLL_SECONDS = 5, 20
"""How many of Lambda's pollers look into an idle queue, and how long each waits there."""
ATTEMPT_SECONDS = 0.2
"""How long a partner's receiver takes to answer."""
