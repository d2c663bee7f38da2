"""How many orders a second there can be: what an activation takes, against what there is of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from functions.webhooks.slots import SLOTS
from functions.webhooks.worker import AT_ONCE
from infra import counted
from infra.bus import SENDERS
from infra.hot_keys import hottest
from infra.service_quotas import LIST, quota
from infra.stage import Stage

ACTIVATION = "activate_subscription"
TARGETS = 2
"""Events of an order that a rule hands over: what the network is asked, and its answer."""
STEPS = 2
"""How often the state machine calls a function for an order."""
RECORDS = counted.EVENTS + 2
"""Of an activation in the stream: its events, and the order twice."""


class Limit(NamedTuple):
    """Something that an activation takes, and how much of it there is in a second."""

    what: str
    each: float
    limit: float
    of: str
    then: str
    least: bool = False
    """Whether it is more in truth: what comes at one time is handled together."""

    @property
    def orders(self) -> float:
        """Return how many activations a second there can be."""
        return self.limit / self.each


def of_all(stage: Stage, path: Mapping[str, Any]) -> list[Limit]:
    """Return what limits all partners together, the lowest first; ``path`` is what an activation takes."""
    limits = [*_of_functions(stage), *_of_the_table(path), *_of_services(stage)]
    return sorted(limits, key=lambda each: each.orders)


def _of_services(stage: Stage) -> Iterator[Limit]:
    activation = counted.ACTIVATION
    yield Limit("requests to one door", 1, stage.limit.rate, "`limit` of the stage", "a higher `limit` in cdk.json")
    yield _by_quota("requests", 1, "gateway_requests")
    yield _by_quota("executions started", 1, "start_execution")
    yield _by_quota("state transitions", activation.transitions, "transitions")
    yield _by_quota("answers of the network", 1, "task_answers")
    yield _by_quota("events on the bus", activation.bus_events, "put_events", least=True)
    yield _by_quota("events for the network's rules", TARGETS, "bus_targets")
    attempts = SENDERS * AT_ONCE / counted.ATTEMPT_SECONDS
    yield Limit(
        "deliveries to one webhook each",
        counted.EVENTS,
        attempts,
        f"{SENDERS} senders with {AT_ONCE} attempts each",
        "more `SENDERS` (infra/bus.py)",
    )


def _of_functions(stage: Stage) -> Iterator[Limit]:
    seconds = counted.ACTIVATION.invocations * counted.RUN_SECONDS
    yield _by_quota("functions at a time", seconds, "concurrency", least=True)
    growth = quota("new_table_writes") / quota("partition_writes") * quota("lanes")
    each = RECORDS * counted.RUN_SECONDS
    batches = "nothing: batches grow up to 100 records; `stream-late` rings if that is not enough"
    yield Limit("lanes of a new table's stream", each, growth, "10 for each of its 4 shards", batches, least=True)
    if reserved := stage.reserved_concurrency:
        for what, times, number in (
            ("the stream's function", RECORDS, reserved.stream),
            ("the steps' function", STEPS, reserved.execution_task),
        ):
            yield Limit(
                what,
                times * counted.RUN_SECONDS,
                number,
                f"{number} reserved",
                "reserve more in cdk.json",
                least=what == "the stream's function",
            )


def _of_the_table(path: Mapping[str, Any]) -> Iterator[Limit]:
    units = sum(path["written"].values())
    yield _by_quota("write units, with all indexes", units, "table_writes")
    yield _by_quota(
        "write units of a new table, with all indexes",
        units,
        "new_table_writes",
        then="a table grows by itself, or warm it up",
    )


def _by_quota(what: str, each: float, name: str, *, then: str = "", least: bool = False) -> Limit:
    found = LIST["quotas"][name]
    return Limit(what, each, found["value"], "the account's quota", then or "ask for more (Service Quotas)", least)


def of_one(stage: Stage, paths: Mapping[str, Any]) -> list[Limit]:
    """Return what limits one partner, the lowest first."""
    rate, burst = stage.tiers["standard"].rate, stage.tiers["standard"].burst
    tier = Limit("requests", 1, rate, f"tier `standard`, {burst} at once", "another tier (`make move-partner`)")
    webhook = Limit(
        "deliveries to one webhook",
        counted.EVENTS,
        SLOTS / counted.ATTEMPT_SECONDS,
        f"{SLOTS} attempts at a time",
        "answer faster, want fewer types, have a second webhook for some, or read the log; what is too much waits",
    )
    hot = hottest(paths[ACTIVATION], "a partner")
    key = Limit("the hottest key", 1, hot.orders, f"`{hot.name}`", "see below")
    return sorted([tier, webhook, key], key=lambda each: each.orders)
