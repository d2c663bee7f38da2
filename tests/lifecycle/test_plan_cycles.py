"""What a partner can do with a product depends on its plan's cycle (contract §6)."""

import json
from datetime import datetime, timedelta
from typing import Any

from functions.shared import table
from infra.local.messages import HttpRequest
from infra.local.patches import replaced
from tests.support import bodies
from tests.support.timeline import Timeline, after

MINUTE = timedelta(minutes=1)
PATIENCE_SECONDS = 5.0
"""A request that finds something overdue lets it happen, and then runs again."""
UNTIL_CYCLE_ENDS = "until the cycle ends"


def waiting(line: Timeline, subscription: str, addon: str = UNTIL_CYCLE_ENDS) -> str:
    """The id of an add-on that waits for its first usage."""
    line.place(bodies.topup(subscription, addon, mode="first_usage"))
    return line.products(subscription)[addon].id


def is_offered(line: Timeline, product_id: str) -> bool:
    """Whether the product shows the link, alone and in lists alike; following it is then accepted, else refused."""
    product = line.world.get(f"/products/{product_id}")
    (listed,) = (one for one in _products(line) if one["id"] == product_id)
    assert listed == product
    return "activate" in product["_links"]


def _products(line: Timeline) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = line.world.get("/products?limit=40")["_embedded"]["products"]
    return listed


def cycle_end(line: Timeline, subscription: str, plan: str = "monthly") -> datetime:
    started = line.products(subscription)[plan].started_at
    assert started is not None
    return after(started, 1)


def test_while_the_plan_has_a_cycle(line: Timeline) -> None:
    subscription = line.subscribe()
    product = waiting(line, subscription)
    assert is_offered(line, product)
    assert line.act(f"/products/{product}/activate")[0] == 200


def test_without_an_active_plan(line: Timeline) -> None:
    subscription = line.subscribe(plan="30 days")
    product, other = waiting(line, subscription), waiting(line, subscription, "extra")
    line.move_to(line.world.now + timedelta(days=31))
    assert not is_offered(line, product)
    assert is_offered(line, other)
    status, problem = line.act(f"/products/{product}/activate")
    assert (status, problem["errors"][0]["code"]) == (400, "no_active_plan")


def test_a_product_that_has_ended_before_the_clock_has_seen_it(line: Timeline) -> None:
    """The request notes its end, and then looks again."""
    subscription = line.subscribe("extra", plan="30 days")
    product = line.products(subscription)["extra"].id
    line.skip_to(line.world.now + timedelta(days=31))
    with replaced(table, "PATIENCE_SECONDS", lambda _seconds: 1.0):
        status, problem = line.act(f"/products/{product}/cancel", {"cancellation_mode": "immediate"})
    assert (status, problem["errors"][0]["code"]) == (400, "invalid_state")


def test_a_top_up_whose_plan_ends_before_it_is_prepared(line: Timeline) -> None:
    subscription = line.subscribe(plan="30 days")
    line.skip_to(line.world.now + timedelta(days=29))
    line.halted = True
    orders = [line.place(bodies.topup(subscription, *sold)) for sold in (["extra"],)]
    line.skip_to(line.world.now + timedelta(days=2))
    line.halted = False
    line.rest()
    failures = [line.order(order).failure for order in orders]
    assert [(failure.code, failure.step) for failure in failures if failure] == [("no_active_plan", "prepare")]


def test_while_an_order_decides_on_the_next_cycle(line: Timeline) -> None:
    subscription = line.subscribe()
    product = waiting(line, subscription)
    line.place(bodies.plan_change(subscription, "monthly too", schedule=bodies.AT_CYCLE_END))
    assert is_offered(line, product)
    line.network = "busy"
    line.move_to(cycle_end(line, subscription) + MINUTE)
    assert not is_offered(line, product)
    assert line.act(f"/products/{product}/activate")[0] == 400
    line.network = "accepts"
    line.rest()
    assert is_offered(line, product)


def test_at_the_end_of_a_cycle_that_the_clock_has_not_seen_yet(line: Timeline) -> None:
    subscription = line.subscribe()
    product = waiting(line, subscription)
    line.skip_to(cycle_end(line, subscription) + MINUTE)
    assert is_offered(line, product)
    assert line.act(f"/products/{product}/activate")[0] == 200


def test_a_price_that_is_changed_after_a_renewal_that_the_clock_has_not_seen_yet(line: Timeline) -> None:
    """It counts from the cycle after that one: the renewal is published with the price that it is charged at."""
    price = {"type": "recurring", "unit_amount": 100, "currency": "EUR"}
    products = {"plan": {"product_offering_id": "monthly", "price_alterations": [price]}}
    subscription = line.subscribe(products=products)
    product = line.products(subscription)["monthly"].id
    line.skip_to(cycle_end(line, subscription) + MINUTE)
    path = f"/products/{product}"
    headers = (("Content-Type", "application/json"),)
    body = json.dumps({"prices": [price | {"unit_amount": 200}]}).encode()
    with replaced(table, "PATIENCE_SECONDS", lambda _none: PATIENCE_SECONDS):
        assert line.world.send(HttpRequest("PATCH", path, headers, body), "patch")["statusCode"] == 200
    line.world.look()
    (renewal,) = [event for event in line.world.of_kind("event") if event["type"] == "product.renewed"]
    published = renewal["data"]["product"]["_embedded"]["prices"][0]["unit_amount"]
    assert (published, line.world.get(path)["_embedded"]["prices"][0]["unit_amount"]) == (100, 200)
