"""How orders are found and read (contract §2)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.orders.progress import ProgressSettings
from functions.shared import lists, table
from functions.shared.clock import iso
from infra.local.messages import HttpRequest
from tests.support import bodies
from tests.support.timeline import Timeline


@pytest.fixture
def order(line: Timeline) -> str:
    """An activation with a reference."""
    return line.place(line.activation(reference="mine"))


def found(line: Timeline, query: str) -> list[str]:
    return ids(line.world.get(f"/orders?{query}"))


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["_embedded"]["orders"]]


def target_of(page: dict[str, Any], link: str) -> str:
    return str(page["_links"].get(link, {}).get("href", "")).removeprefix("http://127.0.0.1:8080")


def test_by_its_reference(line: Timeline, order: str) -> None:
    page = line.world.get("/orders?reference=mine")
    assert ids(page) == [order]
    assert page["_links"] == {"self": {"href": "http://127.0.0.1:8080/orders?reference=mine&limit=10"}}
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
    begun = line.order(order).history[1].at
    assert shown["expected_by"] == iso(begun + timedelta(seconds=ProgressSettings.load().expected_within_seconds))
    history = line.world.get(f"/orders/{order}/history")
    kept = line.order(order).history
    assert [entry.status for entry in kept] == ["accepted", "fulfilling", "completed"]
    assert history["_embedded"]["history"] == [{"status": entry.status, "at": iso(entry.at)} for entry in kept]
    assert history["_links"] == {"self": shown["_links"]["history"]}


@pytest.mark.parametrize("query", ["", "&status=completed", "&subscription-id={subscription}"])
def test_page_by_page_there_and_back(line: Timeline, order: str, query: str) -> None:
    subscription = line.order(order).subscription_id
    orders = [order, *(line.place(bodies.topup(subscription, addon)) for addon in ("extra", "extra 2"))]
    forth, target = list[str](), f"/orders?limit=1{query.format(subscription=subscription)}"
    while target:
        page = line.world.get(target)
        forth += ids(page)
        target = target_of(page, "next")
    back = ids(page)
    while target := target_of(page, "prev"):
        page = line.world.get(target)
        back += ids(page)
    assert (forth, back) == (orders[::-1], orders)


def test_between_two_moments_nothing_else_is_read(line: Timeline, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    topup = line.place(bodies.topup(line.order(order).subscription_id, "extra"))
    moments = [iso(line.order(each).created_at) for each in (order, topup)]
    asked: list[Any] = []

    def keys_in(*arguments: Any, **options: Any) -> Any:
        asked.append(options["between"])
        return table.keys_in(*arguments, **options)

    monkeypatch.setattr(lists, "keys_in", keys_in)
    assert found(line, f"created-from={moments[0]}&created-to={moments[1]}") == [order]
    assert found(line, f"created-from={moments[1]}") == [topup]
    assert asked == [tuple(moments), (moments[1], None)]
