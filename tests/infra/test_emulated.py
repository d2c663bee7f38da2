"""The template that goes to AWS, deployed into an emulator of it that enforces IAM: it deploys, and everything runs.

``tests/emulator/differences.py`` lists where the emulator is not as AWS.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from functions.routes import ROUTES
from infra.smoke import __main__ as smoke
from infra.smoke.api import Api
from tests.emulator.emulator import emulator
from tests.emulator.stage import Client, Stage, deployed
from tests.infra.template import Synthesized
from tests.support.signals import BY_NAME

STAGE = "dev"


@pytest.fixture(scope="module")
def stage(synthesize: Callable[[str], Synthesized], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage, with a partner that has something to sell."""
    scratch: Path = tmp_path_factory.mktemp("emulator")
    with emulator(scratch / "emulator.log") as running:
        yield deployed(running, STAGE, synthesize(STAGE).app, scratch)


@pytest.fixture(scope="module")
def client(stage: Stage) -> Client:
    """The partner's client."""
    return stage.let_in()


def test_the_gateway_has_every_route(stage: Stage) -> None:
    gateway = stage.emulator.client("apigateway")
    pages = gateway.get_paginator("get_resources").paginate(restApiId=stage.api_id, embed=["methods"])
    made = {
        (method, resource["path"])
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", ())
    }
    assert {(route.method, route.path) for route in ROUTES} <= made
    assert "/{proxy+}" in {path for _, path in made}


def test_garbage_does_not_reach_the_authorizer_and_a_forged_token_does(stage: Stage) -> None:
    asked = []
    for authorization in ("Bearer x", "Basic YTpi", "Bearer a.b.c"):
        refused = httpx.get(f"{stage.url}/orders", headers={"Authorization": authorization}, timeout=30)
        assert refused.status_code == 401
        asked.append(stage.runs_of("identity-authorizer"))
    assert asked == [asked[0], asked[0], asked[0] + 1]


def test_unknown_paths_and_methods(stage: Stage, client: Client) -> None:
    api = Api(stage.url).signed_in(client.id, client.secret)
    assert api.get("/nothing/at/all").status == 404
    assert api.delete("/orders").status == 405


def test_every_reading_function_may_read_what_it_reads(stage: Stage, client: Client) -> None:
    """Lists are read to their ends; a single thing is not there."""
    api = Api(stage.url).signed_in(client.id, client.secret)
    asked = {route.path: re.sub("{.*?}", "x", route.path) for route in ROUTES if route.method == "GET" and route.scope}
    wrong = {path: api.get(target).status for path, target in asked.items()}
    assert {path: status for path, status in wrong.items() if status not in {200, 404}} == {}
    assert wrong["/orders"] == wrong["/events"] == wrong["/webhooks"] == 200


def test_the_smoke_test_runs(stage: Stage, client: Client) -> None:
    """Through gateway, authorizer, doors, table, stream, state machine, bus, network, queue and sender."""
    assert smoke.main([stage.url], {"CLIENT_ID": client.id, "CLIENT_SECRET": client.secret}) == 0
    assert stage.failures() == []


def test_an_alarm_rings_once_lambda_runs_a_function_no_more(stage: Stage) -> None:
    """Of what AWS counts itself, this is counted here, too; the alarm is that of the signal."""
    signal, function = BY_NAME["functions-throttled"], f"mobile-orders-{STAGE}-health"
    watched = {"Namespace": "AWS/Lambda", "MetricName": "Throttles", "Statistic": signal.statistic}
    compared = {"Threshold": signal.threshold, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    times = {"Period": signal.minutes * 60, "EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}
    lambda_, cloudwatch = (stage.emulator.client(name) for name in ("lambda", "cloudwatch"))

    def state() -> str:
        """Its state once it is evaluated, as it is here whenever it is put."""
        cloudwatch.put_metric_alarm(AlarmName=signal.name, **watched, **compared, **times)
        return str(cloudwatch.describe_alarms(AlarmNames=[signal.name])["MetricAlarms"][0]["StateValue"])

    before = state()
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(lambda_.exceptions.TooManyRequestsException):
        lambda_.invoke(FunctionName=function)
    lambda_.delete_function_concurrency(FunctionName=function)
    assert (before != "ALARM", state()) == (True, "ALARM")
