"""What of a partner goes on when it is disabled, and keeps it from being removed."""

from typing import Any

import pytest

from infra.local.system import System
from tests.operator.partner_stage import Capture, PartnerStage, run
from tests.support.small_shop import SmallShop


@pytest.fixture
def shop(system: System) -> SmallShop:
    return SmallShop(system)


def opened(shop: SmallShop) -> str:
    subscription: dict[str, Any] = shop.complete(shop.activation())["_embedded"]["subscription"]
    cancel = {
        "type": "cancel_subscription",
        "subscription_id": subscription["id"],
        "schedule": {"mode": "end_of_cycle"},
    }
    shop.client.post("/orders", cancel)
    shop.client.post("/webhooks", {"url": "https://receiver.example/", "enabled_events": ["order.canceled"]})
    shop.client.system.quiesce()
    return str(subscription["id"])


def test_nothing_is_removed_while_something_is_open(stage: PartnerStage, shop: SmallShop, capsys: Capture) -> None:
    assert stage
    opened(shop)
    capsys.readouterr()
    assert [run(action, shop.partner) for action in ("show", "disable", "remove")] == [0, 0, 1]
    printed = capsys.readouterr()
    things = "0 unfinished orders, 1 waiting order, 1 open subscription, 1 enabled webhook"
    assert f"open: {things}\n" in printed.out
    assert printed.err == f"{shop.partner} is not removed, since these are open: {things}\n"
    assert run("enable", shop.partner) == 0


def test_what_is_under_way_goes_on_when_its_partner_is_disabled(stage: PartnerStage, shop: SmallShop) -> None:
    assert stage
    order = shop.place(shop.activation())
    assert run("disable", shop.partner) == 0
    shop.client.system.quiesce()
    assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "completed", "the gateway still believes it"
    shop.client.system.gateway.forget()
    assert shop.client.get(f"/orders/{order['id']}").status == 401


def test_a_partner_is_removed_once_everything_has_ended(stage: PartnerStage, shop: SmallShop, capsys: Capture) -> None:
    assert stage
    subscription = opened(shop)
    shop.complete({"type": "cancel_subscription", "subscription_id": subscription})
    for webhook in shop.client.get("/webhooks").json()["_embedded"]["webhooks"]:
        shop.client.patch(f"/webhooks/{webhook['id']}", {"status": "disabled"})
    assert [run("disable", shop.partner), run("remove", shop.partner)] == [0, 0]
    assert f"{shop.partner} is removed" in capsys.readouterr().out
