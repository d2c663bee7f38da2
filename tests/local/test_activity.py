"""The log of the sandbox (contract §9): enough to follow an order, and nothing of a person."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from functions.routes import ROUTES
from functions.shared.observability import logger
from infra.local import activity
from infra.local.system import System
from tests.support.client import Client
from tests.support.shop import Shop

EID = "8904903200000000000000000000" + "0001"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, activity.log.name):
        yield caplog


def texts(logged: pytest.LogCaptureFixture, word: str) -> list[str]:
    """The lines that have the word, without ids of a kind that the test does not know."""
    return [record.getMessage().strip() for record in logged.records if word in record.getMessage()]


def test_an_order_can_be_followed_from_its_request_to_the_reason_why_it_failed(
    system: System, shop: Shop, logged: pytest.LogCaptureFixture
) -> None:
    order = shop.client.post("/orders", shop.activation(eid=EID), {"Correlation-Id": "cart-17"}).json()
    shop.final(order)
    system.quiesce()
    (request,) = texts(logged, "cart-17")
    assert re.fullmatch(rf"POST /orders 201 in \d+ ms: {order['id']}, acme, cart-17", request)
    lines = {line.removeprefix(order["id"]).strip() for line in texts(logged, order["id"]) if line != request}
    assert {line for line in lines if "GET" not in line} == {
        "order.accepted",
        "order.fulfilling",
        "step prepare done",
        "network.provisioning.requested",
        "network.provisioning.failed",
        "step undo done",
        "order.failed: network_rejected. The mobile network refused: the EID is not known to the SM-DP+.",
    }


def test_a_page_that_looks_is_passed_over(acme: Client, logged: pytest.LogCaptureFixture) -> None:
    by_script = {"Sec-Fetch-Dest": "empty", "Correlation-Id": "by-a-page"}
    assert acme.get("/orders", headers=by_script).status == 200
    assert texts(logged, "by-a-page") == []
    assert acme.get("/orders/ord_1", headers=by_script).status == 404
    assert acme.post("/orders", {}, by_script).status == 400
    assert [line.split(" in ")[0] for line in texts(logged, "by-a-page")] == [
        "GET /orders/{order_id} 404",
        "POST /orders 400",
    ]


@pytest.mark.parametrize("signed_in", [True, False])
def test_no_line_holds_a_query_string(
    acme: Client,
    anonymous: Client,
    logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    signed_in: bool,
) -> None:
    """Whether the parameters are known, malformed or unknown, on every route, and on none."""
    client = acme if signed_in else anonymous
    query = "email=zephyr@example.com&iccid=8949200000000000017&msisdn=%2B4915112345678&zephyr=zephyr&cursor=zephyr"
    for route in ROUTES:
        client.send(route.method, f"{route.path}?{query}")
    for found in ("subscribers?email=zephyr@example.com", "subscriptions?iccid=8949200000000000017", "no?zephyr"):
        client.get(f"/{found}")
    client.get("/subscriptions?msisdn=%2B4915112345678")
    output = capfd.readouterr()
    everything = (output.out + output.err + logged.text).lower()
    assert everything.count("get /subscri") >= 4
    assert "answered." in everything
    assert not [word for word in ("zephyr", "8949200000000000017", "4915112345678") if word in everything]


def test_a_refused_request_is_logged_with_its_codes(
    acme: Client, anonymous: Client, logged: pytest.LogCaptureFixture
) -> None:
    acme.post("/orders", {"type": "topup_subscription"}, {"Correlation-Id": "refused"})
    anonymous.get("/orders")
    acme.get("/nowhere/erika")
    (refused,) = texts(logged, "refused")
    assert ": constraint_validation_error, acme, refused" in refused
    assert [line.partition(" in ")[0] for line in texts(logged, "GET")] == [
        "GET /orders 401",
        "GET (no such path or method) 404",
    ]


def test_nothing_of_a_person_is_logged(shop: Shop, logged: pytest.LogCaptureFixture) -> None:
    shop.client.get("/subscribers?email=erika.mustermann@example.com")
    shop.client.get("/subscribers/erika.mustermann@example.com")
    shop.client.get("/qrcode/v1/esim/LPA:1$smdp.sandbox.example$SECRET")
    shop.complete(shop.activation(eid="8904903200000000000000000000" + "3000"))
    everything = json.dumps([[record.getMessage(), vars(record).get("fields")] for record in logged.records])
    assert texts(logged, "/subscribers/{subscriber_id} 404")
    assert not re.search("(?i)erika|mustermann|SECRET|89049032", everything)


@pytest.fixture
def shown() -> Iterator[None]:
    """Undo what ``show`` does to the process."""
    root: logging.Logger = logging.getLogger()
    kept, levels = root.handlers[:], (root.level, activity.log.level, logger.log_level)
    own: Any = logger.registered_handler
    stream = own.stream
    yield
    own.stream = stream
    logging.disable(logging.NOTSET)
    root.handlers[:] = kept
    logger.registered_handler.setLevel(logging.NOTSET)
    logging.getLogger(logger.name).propagate = True
    root.setLevel(levels[0])
    activity.log.setLevel(levels[1])
    logger.setLevel(levels[2])


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("how", ["info", "json", "off"])
def test_it_is_written_for_people_or_programs_or_not(
    how: str, acme: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    activity.show(how, sys.stdout)
    acme.get("/health", {"Correlation-Id": "shown"})
    lines = [line for line in capsys.readouterr().out.splitlines() if "/health" in line and "shown" in line]
    if how == "off":
        assert lines == []
    elif how == "info":
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} GET /health 200 in \d+ ms: shown", lines[0])
    else:
        line = json.loads(lines[-1])
        assert line["status"] == 200
        assert line["correlation_id"] == "shown"
        assert line["path"] == "/health"
