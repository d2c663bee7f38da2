"""How orders are found and read (contract §2)."""

import pytest

from infra.local.messages import HttpRequest
from tests.support import bodies
from tests.support.timeline import Timeline


@pytest.fixture
def order(line: Timeline) -> str:
    """An activation with a reference."""
    return line.place(line.activation(reference="mine"))


def found(line: Timeline, query: str) -> list[str]:
    return [each["id"] for each in line.world.get(f"/orders?{query}")["_embedded"]["orders"]]


def test_by_its_reference(line: Timeline, order: str) -> None:
    assert found(line, "reference=mine") == [order]
    assert found(line, "reference=mine&status=completed&type=activate_subscription") == [order]
    assert found(line, "reference=mine&status=failed") == []
    assert found(line, "reference=another") == []
    request = HttpRequest("GET", "/orders?reference=mine&cursor=x")
    assert line.world.send(request, "get")["statusCode"] == 400


def test_by_what_it_is_about(line: Timeline, order: str) -> None:
    about = line.order(order)
    topup = line.place(bodies.topup(about.subscription_id, "extra"))
    assert found(line, f"subscription-id={about.subscription_id}") == [topup, order]
    assert found(line, f"subscriber-id={about.subscriber_id}&type=topup_subscription") == [topup]
    assert found(line, f"subscription-id={about.subscription_id}x") == []


def test_itself_with_its_subscription_and_its_history(line: Timeline, order: str) -> None:
    shown = line.world.get(f"/orders/{order}")
    assert shown["_embedded"]["subscription"]["id"] == line.order(order).subscription_id
    history = line.world.get(f"/orders/{order}/history")
    assert [entry["status"] for entry in history["_embedded"]["history"]] == ["accepted", "fulfilling", "completed"]
    assert history["_links"]["self"]["href"] == f"{shown['_links']['history']['href']}"
