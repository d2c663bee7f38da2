"""``python -m infra.costs``: write the tables of docs/costs.md from the templates, the prices and what tests count."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aws_cdk import App

from functions.routes import ROUTES, module_of
from infra import counted
from infra.app import add_stacks
from infra.asset_contents import ROOT
from infra.functions import PASSED_BY_ORDERS
from infra.gateway_body import NOT_FOUND
from infra.names import CDK_JSON
from infra.pages import filled, table
from infra.stage import Stage, stage_of

PAGE = ROOT / "docs" / "costs.md"
LIST: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
STAGES = ("dev", "prod")
HOURS = 730
SECONDS, MINUTES = HOURS * 3600, HOURS * 60
"""Of a month, as AWS counts it."""
DOORS = {*map(module_of, ROUTES)}
TOLD = {"alarm_topic": "arn:aws:sns:eu-central-1:111122223333:alarms"}
"""A stage with alarms tells somebody, which costs nothing."""
CLOCK = "functions.events.clock.handler"
Resources = Mapping[str, Mapping[str, Any]]


class Line(NamedTuple):
    """How much there is of something, what it is priced by, and what that costs."""

    what: str
    amount: float
    price: str

    @property
    def usd(self) -> float:
        """Return the price of all of it."""
        return self.amount * float(LIST["prices"][self.price]["price"])


def idle(resources: Resources) -> list[Line]:
    """Return what a stage costs in a month without a request, from the resources of its templates."""
    functions = _of(resources, "AWS::Lambda::Function")
    (clock,) = (function for function in functions if function["Handler"] == CLOCK)
    polled = [each for each in _of(resources, "AWS::Lambda::EventSourceMapping") if "MaximumConcurrency" in str(each)]
    acls = _of(resources, "AWS::WAFv2::WebACL")
    return [
        Line("alarms, by their metrics", sum(map(_metrics_of, _of(resources, "AWS::CloudWatch::Alarm"))), "alarm"),
        Line("dashboards", len(_of(resources, "AWS::CloudWatch::Dashboard")), "dashboard"),
        Line("metrics of our own", counted.IDLE_METRICS, "custom_metric"),
        Line("keys", len(_of(resources, "AWS::KMS::Key")), "key"),
        Line("secrets", len(_of(resources, "AWS::SecretsManager::Secret")), "secret"),
        Line("snapshots, in GB-seconds", _snapshots(functions) * SECONDS, "snapshot"),
        Line("the clock's invocations", MINUTES, "invocation"),
        Line("the clock's GB-seconds", MINUTES * clock["MemorySize"] / 1024 * counted.CLOCK_SECONDS, "compute"),
        Line("the clock's read units", MINUTES * counted.CLOCK_QUERIES / 2, "read"),
        Line("the clock's traces", MINUTES, "trace"),
        Line("the clock's log, in GB", MINUTES * counted.LOG_BYTES / 1e9, "log"),
        Line("looking into queues", len(polled) * counted.POLLERS * SECONDS / counted.POLL_SECONDS, "message"),
        Line("firewalls", len(acls), "firewall"),
        Line("rules of firewalls", sum(len(acl.get("Rules", ())) for acl in acls), "firewall_rule"),
    ]


def activations(number: int, memory: int) -> list[Line]:
    """Return what a number of activations with one plan cost, each from the API to its last event."""
    return lines_of(counted.ACTIVATION, number, memory)


def lines_of(each: counted.Used, number: int, memory: int) -> list[Line]:
    """Return what it costs to use so much a number of times."""
    return [
        Line("requests", number * each.requests, "request"),
        Line("invocations, at most", number * each.invocations, "invocation"),
        Line("GB-seconds", number * each.invocations * counted.RUN_SECONDS * memory / 1024, "compute"),
        Line("write units, with all indexes", number * each.write_units, "write"),
        Line("read units, at most", number * each.read_units, "read"),
        Line("state transitions", number * each.transitions, "transition"),
        Line("events on the bus", number * each.bus_events, "event"),
        Line("log, in GB", number * each.invocations * counted.LOG_BYTES / 1e9, "log"),
    ]


def total(lines: Iterable[Line]) -> float:
    """Return the sum in USD."""
    return sum(line.usd for line in lines)


def resources_of(stage: Stage) -> dict[str, Any]:
    """Return the resources of both stacks of a stage, without its code."""
    with tempfile.TemporaryDirectory() as directory:
        app = App(outdir=directory, context={"aws:cdk:bundling-stacks": []})
        add_stacks(app, stage)
        return {name: each for stack in app.synth().stacks for name, each in stack.template["Resources"].items()}


def page(text: str, resources: Mapping[str, Resources]) -> str:
    """Return the page with its tables written anew; ``resources`` are those of each stage."""
    tables = {"idle": _idle_table(resources), "snapshots": _snapshot_table()}
    tables |= {"activations": _activation_table(), "prices": _price_table()}
    return filled(text, tables)


def _idle_table(resources: Mapping[str, Resources]) -> str:
    stages = {name: idle(resources[name]) for name in STAGES}
    rows = [
        [lines[0].what, *(f"{_short(line.amount)} · ${line.usd:.2f}" for line in lines)]
        for lines in zip(*stages.values(), strict=True)
        if any(line.amount for line in lines)
    ]
    sums = ["**together**", *(f"**${total(lines):.2f}**" for lines in stages.values())]
    return table(["a month without a request", *(f"`{name}`" for name in stages)], [*rows, sums])


def _snapshot_table() -> str:
    chosen = {"none": 0, "orders": len(PASSED_BY_ORDERS), "all": len({*DOORS, NOT_FOUND} | PASSED_BY_ORDERS)}
    rows = [
        [f"`{name}`", str(number), *(f"${Line('', number * size * SECONDS, 'snapshot').usd:.2f}" for size in (0.5, 1))]
        for name, number in chosen.items()
    ]
    return table(["`snap_start`", "functions", "with 512 MB", "with 1024 MB"], rows)


def _activation_table() -> str:
    lines = activations(1000, memory=1024)
    rows = [[line.what, _short(line.amount), f"${line.usd:.3f}"] for line in lines]
    return table(["1,000 activations", "how many", "USD"], [*rows, ["**together**", "", f"**${total(lines):.2f}**"]])


def _price_table() -> str:
    rows = [
        [each["per"], f"${each['price']:.10f}".rstrip("0").rstrip("."), each["source"]]
        for each in LIST["prices"].values()
    ]
    return table([f"{LIST['region']}, {LIST['date']}", "USD", "source"], rows)


def _short(amount: float) -> str:
    return f"{amount:,.0f}" if amount == int(amount) else f"{amount:.2g}"


def _of(resources: Resources, kind: str) -> list[Mapping[str, Any]]:
    return [each.get("Properties", {}) for each in resources.values() if each["Type"] == kind]


def _metrics_of(alarm: Mapping[str, Any]) -> int:
    return len([each for each in alarm.get("Metrics", ()) if "MetricStat" in each]) or 1


def _snapshots(functions: Iterable[Mapping[str, Any]]) -> float:
    """Return the GB of all snapshots."""
    return float(sum(function["MemorySize"] for function in functions if "SnapStart" in function) / 1024)


def main() -> None:
    """Write the page anew."""
    stages = json.loads(CDK_JSON.read_text())["context"]["stages"]
    PAGE.write_text(page(PAGE.read_text(), {name: resources_of(stage_of(stages, name, TOLD)) for name in STAGES}))


if __name__ == "__main__":
    main()
