"""What every line of the log names, so that what belongs together can be found."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from functions.events.stream_filter import HEARTBEAT
from functions.routes import ROUTES, function_name, module_of
from functions.shared import metrics
from functions.shared.marshal import marshal
from functions.shared.observability import NAMES
from infra.gateway_body import AUTHORIZER
from infra.local.functions import CHANGES, CLOCK, EXECUTION_TASK, MODULES, SENDER
from infra.local.routes import SANDBOX
from infra.local.system import System
from infra.signals import QUERIES
from tests.support.client import Client
from tests.support.log import Log, recorded
from tests.support.shop import Shop

BEAT = {"kind": HEARTBEAT, "pk": f"clock#{HEARTBEAT}", "sk": "2026-01-01T00:00:00.000Z"}
WORKERS: dict[str, Any] = {
    AUTHORIZER: {"authorizationToken": "Bearer x", "methodArn": "arn/local/GET/"},
    CHANGES: {
        "Records": [
            {"dynamodb": {"SequenceNumber": "1", "Keys": marshal({"pk": "p", "sk": "s"}), "NewImage": marshal(BEAT)}}
        ]
    },
    CLOCK: {},
    EXECUTION_TASK: {"step": "prepare", "partner": "acme", "order_id": "ord_1"},
    SENDER: {"Records": [{"messageId": "1", "body": "{}"}]},
    "functions.events.answers": {"detail-type": "network.provisioning.failed", "detail": {}},
    "functions.events.reports": {"detail-type": "network.usage", "detail": {}},
    "functions.network.simulated": {
        "detail-type": "network.provisioning.requested",
        "detail": {
            "partner": "acme",
            "order_id": "ord_1",
            "reply_token": "t",
            "products": [],
            "sim_profile": {"eid": "89049032123451234512345678900002"},
        },
    },
}
"""Something that each worker has a line to write about."""


@pytest.fixture
def log() -> Iterator[Log]:
    with recorded() as log:
        yield log


def a_request(module: str) -> dict[str, Any]:
    """A request without a token to the first operation of a door."""
    route = next((route for route in ROUTES if module_of(route) == module), ROUTES[0])
    return {
        "httpMethod": route.method,
        "resource": route.path,
        "path": route.path,
        "headers": {},
        "body": None,
        "requestContext": {"requestId": "request-1"},
        "pathParameters": None,
    }


@pytest.mark.parametrize("module", sorted(MODULES - {SANDBOX}))
def test_every_line_names_its_function_and_its_invocation(system: System, log: Log, module: str) -> None:
    """Also what threads write, what fails, and what is measured."""
    with suppress(Exception):
        system.functions.invoke(module, WORKERS.get(module) or a_request(module))
    lines = log.of(function_name=function_name(module))
    assert lines
    assert all(line["function_request_id"] and line["correlation_id"] for line in lines)
    if module not in WORKERS:
        assert {line["api_request_id"] for line in lines} == {"request-1"}


def test_nothing_is_logged_outside_of_an_invocation(shop: Shop, system: System, log: Log) -> None:
    shop.complete(shop.activation())
    system.quiesce()
    assert [line for line in log.lines if not line.get("function_request_id")] == []


def test_the_lines_of_an_order_are_found_by_its_id(acme: Client, shop: Shop, system: System, log: Log) -> None:
    """In every function that it passes; what its steps write also names the request that placed it."""
    placed = acme.post("/orders", shop.activation(), headers={"Correlation-Id": "from-the-partner"}).json()
    shop.final(placed)
    system.quiesce()
    lines = log.of(order_id=placed["id"])
    door, steps = function_name("functions.orders.place_order"), function_name(EXECUTION_TASK)
    others = {function_name(module) for module in (CHANGES, "functions.events.answers")}
    assert {door, steps} | others <= {line["function_name"] for line in lines}
    assert all(line["partner"] == "acme" for line in lines)
    own = [line for line in lines if line["function_name"] in {door, steps}]
    assert {line["correlation_id"] for line in own} == {"from-the-partner"}
    assert {line["execution"] for line in lines if line["function_name"] == steps} == {placed["id"]}
    assert log.measured(metrics.NETWORK_ANSWERS, "provisioning.succeeded", order_id=placed["id"]) == [1]


def test_what_a_partner_writes_into_a_path_is_not_logged(acme: Client, log: Log) -> None:
    acme.get("/orders/erika@example.com")
    assert log.of(status=404)
    assert "erika" not in str(log.lines)


def test_the_dashboards_queries_ask_for_what_lines_have(shop: Shop, system: System, log: Log) -> None:
    failed = shop.final(shop.place(shop.activation(eid="89049032123451234512345678900001")))
    assert failed["status"] == "failed"
    system.functions.invoke(SENDER, WORKERS[SENDER])
    system.quiesce()
    asked = {name for query in QUERIES.values() for part in query for name in names_in(part)}
    had = {name for line in log.lines for name in line} | set(NAMES.values())
    assert asked - had == set()
    assert {"order_id", "correlation_id", "exception", "code"} <= asked


def names_in(part: str) -> set[str]:
    """The fields of lines in a part of a query; those of CloudWatch itself begin with @."""
    verb, _, rest = part.partition(" ")
    if verb == "filter":
        return set(re.findall(r"^(\w+) =", rest))
    if verb in {"fields", "stats"}:
        return set(re.findall(r"(?<![@\w])[a-z_]+", rest.rpartition(" by ")[2]))
    return set()
