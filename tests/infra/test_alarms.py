"""Who is woken, and by what: each signal has its alarm, its graph and its entry in the runbook."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared import metrics
from functions.shared.metrics import NAMESPACE, Metric
from infra.app import build
from infra.asset_contents import ROOT
from infra.monitoring import KILLS, MAX_METRICS
from infra.names import stack_name
from infra.signals import KILLED, QUERIES, SIGNALS
from infra.stage import WrongStage
from tests.infra.alarms import Watched, alarms, expression, metrics_of, watched
from tests.infra.conftest import ALARM_TOPIC
from tests.infra.template import Template, target, texts
from tests.lifecycle.alarm_causes_in_the_system import OF_AWS
from tests.support.lambdas_lines import ENDED_BY_LAMBDA

PROD = stack_name("prod")
OURS = {value for value in vars(metrics).values() if isinstance(value, Metric)}
LINK = re.compile(r"\| \[([a-z-]+)\]\(#([a-z-]+)\) \|")
ROW = re.compile(r"^\| `(AWS/\w+)` \| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
NOT_ENDED = (
    "[ERROR] Unauthorized: Unauthorized",
    '[ERROR] StepRefused: {"code": "no_sim_available", "detail": "No eSIM is in stock."}',
    "[ERROR] Superseded: the order is failed",
    '{"level":"WARNING","message":"The order\'s execution ended without a result; it is undone.","status":"FAILED"}',
)


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "runbook.md").read_text()


def signal_of(name: str) -> Any:
    """The signal of an alarm: some have several, whose names go on."""
    return max((each for each in SIGNALS if name.startswith(f"{PROD}-{each.name}")), key=lambda each: len(each.name))


def test_every_signal_has_an_alarm_that_says_what_to_do(prod: Template) -> None:
    found = alarms(prod)
    assert {signal_of(name).name for name in found} == {signal.name for signal in SIGNALS}
    for name, alarm in found.items():
        signal = signal_of(name)
        assert alarm["AlarmDescription"].endswith(f" What to do: docs/runbook.md#{signal.name}")
        assert alarm["AlarmActions"] == [ALARM_TOPIC]
        assert alarm["ComparisonOperator"].startswith("Less" if signal.below else "Greater")
        assert alarm["Threshold"] == signal.threshold
        assert expression(alarm) == signal.formula or signal.formula is None


def test_silence_rings_where_something_must_be_heard(prod: Template) -> None:
    missing = {signal_of(name).name: alarm["TreatMissingData"] for name, alarm in alarms(prod).items()}
    assert {name for name, treated in missing.items() if treated == "breaching"} == {"clock-silent", "stream-silent"}
    assert {name for name, treated in missing.items() if treated == "ignore"} == {"esims-low"}


def test_each_alarm_has_its_entry_in_the_runbook(page: str) -> None:
    names = [signal.name for signal in SIGNALS]
    assert LINK.findall(page) == [(name, name) for name in names]
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings[: len(names)] == names
    assert not any(re.fullmatch(r"[a-z-]+", heading) for heading in headings[len(names) :])


def test_alarms_watch_what_the_functions_measure(prod: Template) -> None:
    """Under the namespace that the functions are given, and with the dimension that the metric has."""
    given = {function["Environment"]["Variables"][NAMESPACE] for function in prod.functions().values()}
    assert given == {PROD}
    mine = {each for alarm in alarms(prod).values() for each in watched(alarm) if each.namespace == PROD}
    known = {Watched(PROD, metric.name, frozenset()) for metric in OURS}
    known |= {Watched(PROD, metric.name, frozenset({metric.by})) for metric in OURS if metric.by}
    assert mine <= known | {Watched(PROD, KILLS, frozenset())}
    assert all(signal.ours or signal.name in page_of_aws(prod) for signal in SIGNALS)


def page_of_aws(template: Template) -> set[str]:
    """The signals whose alarms watch metrics of AWS, or what is counted in logs."""
    return {
        signal_of(name).name
        for name, alarm in alarms(template).items()
        if any(each.namespace != PROD or each.name == KILLS for each in watched(alarm))
    }


def test_what_aws_measures_is_watched_as_it_is_documented(prod: Template, page: str) -> None:
    documented = {
        Watched(namespace, name, frozenset(re.findall(r"`(\w+)`", dimensions)))
        for namespace, name, dimensions, _ in ROW.findall(page)
    }
    of_aws = {each for alarm in alarms(prod).values() for each in watched(alarm) if each.namespace != PROD}
    assert of_aws == documented
    assert "Errors" not in {each.name for each in of_aws}, "a refusal is an error for Lambda"


def test_what_is_made_to_happen_is_what_the_alarms_of_its_signal_watch(prod: Template, page: str) -> None:
    found = {(signal_of(name).name, each.namespace, each.name) for name in alarms(prod) for each in of(prod, name)}
    assert {(each.signal, each.namespace or PROD, each.name) for each in OF_AWS} <= found
    made = {(namespace, name) for namespace, name, _, happens in ROW.findall(page) if not happens.startswith("nothing")}
    assert made == {(each.namespace, each.name) for each in OF_AWS if each.namespace}


def of(template: Template, name: str) -> Iterator[Watched]:
    """What an alarm watches."""
    return watched(alarms(template)[name])


def test_no_alarm_watches_more_than_it_can(prod: Template) -> None:
    assert max(len(list(metrics_of(alarm))) for alarm in alarms(prod).values()) <= MAX_METRICS


def test_every_queue_of_failures_has_an_alarm(prod: Template) -> None:
    named = [metric for alarm in alarms(prod).values() for metric in metrics_of(alarm)]
    queues = {
        target(dimension["Value"])
        for metric in named
        if metric["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in metric["Dimensions"]
    }
    (working,) = {name for name, queue in prod.of("SQS::Queue").items() if "RedrivePolicy" in queue}
    assert queues == set(prod.of("SQS::Queue")) - {working}


def test_both_tables_and_every_index_are_watched(prod: Template) -> None:
    indexes = [index["IndexName"] for table in prod.of("DynamoDB::Table").values() for index in indexes_of(table)]
    expected = sorted(2 * [*indexes, *[None] * len(prod.of("DynamoDB::Table"))], key=str)
    found = [
        {each["Name"]: each["Value"] for each in metric["Dimensions"]}.get("GlobalSecondaryIndexName")
        for name, alarm in alarms(prod).items()
        if "table-throttled" in name
        for metric in metrics_of(alarm)
    ]
    assert sorted(found, key=str) == expected


def indexes_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    return list(table.get("GlobalSecondaryIndexes", []))


def test_what_lambda_ends_is_counted_where_nobody_else_notices(prod: Template) -> None:
    filters = prod.of("Logs::MetricFilter").values()
    counted = {str(each["LogGroupName"]).rpartition("prod-")[2] for each in filters}
    assert counted == {
        *("orders-execution-task", "events-changes", "events-clock", "events-answers", "events-reports"),
        "identity-authorizer",
    }
    for each in filters:
        (made,) = each["MetricTransformations"]
        assert (made["MetricNamespace"], made["MetricName"], made["MetricValue"]) == (PROD, KILLS, "1")
        assert re.findall(r'\?"([^"]+)"', each["FilterPattern"]) == list(KILLED)


def test_lambdas_own_lines_are_told_from_refusals() -> None:
    counted = [line for line in (*ENDED_BY_LAMBDA, *NOT_ENDED) if any(term in line for term in KILLED)]
    assert counted == list(ENDED_BY_LAMBDA)


def test_the_dashboard_shows_every_signal_and_asks_every_log(prod: Template) -> None:
    body = "".join(texts(prod.one("CloudWatch::Dashboard")["DashboardBody"]))
    titles = re.findall(r'"title":"([^"]+)"', body)
    assert [title for title in titles if title in {signal.name for signal in SIGNALS}] == [
        signal.name for signal in SIGNALS
    ]
    assert set(QUERIES) <= set(titles)
    asked = re.findall(r"SOURCE '([^']+)'", body)
    assert set(asked) == {f"/aws/lambda/{function['FunctionName']}" for function in prod.functions().values()}


def test_a_stage_without_alarms_has_none(dev: Template) -> None:
    kinds = ("CloudWatch::Alarm", "CloudWatch::Dashboard", "Logs::MetricFilter")
    assert [dev.of(kind) for kind in kinds] == [{}] * 3


def test_prod_is_not_written_while_nobody_is_told() -> None:
    with pytest.raises(WrongStage) as refused:
        build("prod")
    assert str(refused.value) == (
        "cdk.json, stage 'prod': nobody is told of its alarms: set alarm_email to an address, or alarm_topic to the ARN"
        ' of an SNS topic (or "alarms": false for a stage without alarms).'
    )
