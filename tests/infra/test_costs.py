"""docs/costs.md follows from the templates, the prices and what is counted."""

from datetime import date
from typing import Any

import pytest

from infra.costs import LIST, PAGE, Line, activations, idle, page, total


@pytest.fixture(scope="module")
def resources(synthesize: Any) -> dict[str, Any]:
    """Those of each stage that the page tells of."""
    return {stage: synthesize(stage).template.resources for stage in ("dev", "prod")}


def test_the_page_is_computed(resources: dict[str, Any]) -> None:
    text = PAGE.read_text()
    assert page(text, resources) == text, "write it anew with python -m infra.costs"


def test_a_stage_for_trials_costs_little_while_nobody_uses_it(resources: dict[str, Any]) -> None:
    assert total(idle(resources["dev"])) <= 10


def test_what_costs_by_the_hour_is_counted() -> None:
    """A snapshot of a gigabyte costs almost four dollars a month, and an alarm as much as it has metrics."""
    clock = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Handler": "functions.events.clock.handler", "MemorySize": 1024},
    }
    alone = total(idle({"clock": clock}))
    door = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "x", "MemorySize": 2048, "SnapStart": {}}}
    assert total(idle({"clock": clock, "door": door})) - alone == pytest.approx(2 * 3.954, rel=0.001)
    metrics = [{"Id": "a", "MetricStat": {}}, {"Id": "b", "MetricStat": {}}, {"Id": "sum", "Expression": "a + b"}]
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": metrics}}
    assert total(idle({"clock": clock, "alarm": alarm})) - alone == pytest.approx(0.20)


def test_orders_cost_in_proportion() -> None:
    one, thousand = (total(activations(number, memory=1024)) for number in (1, 1000))
    assert thousand == pytest.approx(1000 * one)
    assert 0 < total(activations(1, memory=512)) < one


def test_every_price_names_its_source() -> None:
    assert all(each["source"].startswith("https://aws.amazon.com/") for each in LIST["prices"].values())
    assert Line("", 2, "key").usd == 2 * LIST["prices"]["key"]["price"]
    assert date.fromisoformat(LIST["date"])
