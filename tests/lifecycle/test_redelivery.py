"""Every message may be lost, come late or come twice; the order is fulfilled once all the same."""

from typing import Any

import pytest

from functions.events import publishing
from infra.local.functions import CHANGES, EXECUTION_TASK, RULES, Handler
from infra.local.system import System
from tests.support import evidence
from tests.support.shop import Shop


def twice(handler: Handler) -> Handler:
    def invoke(event: Any, context: Any) -> Any:
        handler(event, context)
        return handler(event, context)

    return invoke


def dying(*, after: bool) -> Any:
    """A function that dies the first time it is called for anything."""

    def make(handler: Handler) -> Handler:
        died: list[bool] = []

        def invoke(event: Any, context: Any) -> Any:
            if died:
                return handler(event, context)
            died.append(True)
            if after:
                handler(event, context)
            raise ConnectionError("the function is gone")

        return invoke

    return make


def assert_fulfilled_once(system: System, shop: Shop, order: dict[str, Any]) -> None:
    system.quiesce()
    assert evidence.event_types_of(order["id"]) == ["order.accepted", "order.fulfilling", "order.completed"]
    subscription_id = order["_embedded"]["subscription"]["id"]
    assert len(shop.products(subscription_id)) == 2
    published = evidence.event_types_of(subscription_id)
    assert published == ["subscription.active", "subscription.sim_profile.ready_for_installation"]


@pytest.mark.parametrize("module", [CHANGES, EXECUTION_TASK, *(rule.module for rule in RULES)])
def test_everything_comes_twice(system: System, shop: Shop, module: str) -> None:
    with system.functions.replaced(module, twice):
        order = shop.complete(shop.activation(shop.data))
        assert_fulfilled_once(system, shop, order)


@pytest.mark.parametrize("after", [False, True])
def test_the_stream_function_dies_in_between(system: System, shop: Shop, after: bool) -> None:
    with system.functions.replaced(CHANGES, dying(after=after)):
        order = shop.complete(shop.activation(shop.data))
        assert_fulfilled_once(system, shop, order)


def test_the_clock_moves_on_what_the_stream_lost(system: System, shop: Shop) -> None:
    lost: dict[str, Any] = {"batchItemFailures": []}
    with system.functions.replaced(CHANGES, lambda _handler: lambda _event, _context: lost):
        order = shop.place(shop.activation(shop.data))
        system.quiesce()
        evidence.make_due(system, order)
        fulfilling = shop.until(order, lambda now: now["status"] == "fulfilling")
        system.quiesce()
        evidence.make_due(system, order)
        order = shop.final(fulfilling)
    assert order["status"] == "completed"
    published = evidence.event_types_of(order["id"])
    assert published == ["order.accepted", "order.fulfilling", "order.delayed", "order.completed"]


def test_an_event_that_the_bus_refuses_comes_again(system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bus:
        def __init__(self) -> None:
            self.taken: list[str] = []
            self.refusals = 3

        def put_events(self, Entries: list[Any]) -> Any:  # noqa: N803 - boto3's name
            if self.refusals:
                self.refusals -= 1
                return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"} for _ in Entries]}
            self.taken += [entry["DetailType"] for entry in Entries]
            return real().put_events(Entries=Entries)

    real, bus = publishing._bus, Bus()
    monkeypatch.setattr(publishing, "_bus", lambda: bus)
    order = shop.complete(shop.activation())
    system.quiesce()
    assert {"order.accepted", "order.fulfilling", "order.completed"} <= set(bus.taken)
    assert evidence.event_types_of(order["id"]) == ["order.accepted", "order.fulfilling", "order.completed"]
