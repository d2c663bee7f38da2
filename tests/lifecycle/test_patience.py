"""What fails for a while is tried again for minutes; what the network says, or fails to say, is never tried again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.events.models import EventsBackend

from functions.network.interface import NETWORK, ORDERS
from infra.bus import SIMULATED_NETWORK
from infra.local import environment
from infra.local.functions import CLOCK, EXECUTION_TASK, Handler
from infra.local.patches import replaced
from infra.local.system import System
from tests.lifecycle.failing import failing
from tests.support import evidence
from tests.support.shop import Shop

REQUESTED = "network.provisioning.requested"
OUTAGE = 7
"""So many attempts fail: on AWS, about two minutes of them."""


def throttled(_put: Callable[[], Any]) -> Any:
    raise JsonRESTError("ThrottlingException", "Rate exceeded")


def refused(_put: Callable[[], Any]) -> Any:
    return [{"ErrorCode": "InternalFailure", "ErrorMessage": "injected"}]


def answer_lost(put: Callable[[], Any]) -> Any:
    put()
    raise JsonRESTError("InternalException", "injected")


@contextmanager
def bus(outcome: Callable[[Callable[[], Any]], Any], times: int = OUTAGE) -> Iterator[list[str]]:
    """Let requests to the network fail as ``outcome`` does, so many times; all tokens that were sent."""
    tokens: list[str] = []

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def put_events(backend: EventsBackend, events: list[dict[str, Any]]) -> Any:
            put = partial(original, backend, events)
            if events[0]["DetailType"] != REQUESTED:
                return put()
            tokens.append(events[0]["Detail"])
            return outcome(put) if len(tokens) <= times else put()

        return put_events

    with replaced(EventsBackend, "put_events", make):
        yield tokens


def event_types_of(order: dict[str, Any]) -> list[str]:
    """The types of its events, whether or not it took longer than expected."""
    return [kind for kind in evidence.event_types_of(order["id"]) if kind != "order.delayed"]


@pytest.mark.parametrize("step", ["prepare", "complete"])
def test_a_step_that_fails_for_two_minutes_undoes_nothing(system: System, shop: Shop, step: str) -> None:
    with system.functions.replaced(EXECUTION_TASK, failing(step, times=OUTAGE)):
        order = shop.complete(shop.activation())
    assert event_types_of(order) == ["order.accepted", "order.fulfilling", "order.completed"]
    assert evidence.asked_of_network(order["id"]) == []


def test_undo_is_patient_too(system: System, shop: Shop) -> None:
    with system.functions.replaced(EXECUTION_TASK, failing("undo", times=OUTAGE)):
        order = shop.final(shop.place(shop.activation(shop.sandbox("network_rejects"))))
    system.quiesce()
    assert order["failure"]["code"] == "network_rejected"
    assert evidence.execution(system, order["id"])["status"] == "SUCCEEDED"


@pytest.mark.parametrize("outcome", [throttled, refused, answer_lost])
def test_the_network_is_asked_again_until_the_bus_takes_it(
    system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Callable[[], Any]], Any]
) -> None:
    """Each time with a token of its own; what a token brings that is not the newest changes nothing."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with bus(outcome) as tokens:
        order = shop.complete(shop.activation())
        system.quiesce()
    assert len(tokens) == len(set(tokens)) == OUTAGE + 1
    assert event_types_of(order) == ["order.accepted", "order.fulfilling", "order.completed"]
    assert evidence.asked_of_network(order["id"]) == []


def test_the_networks_refusal_is_final(system: System, shop: Shop) -> None:
    with bus(lambda put: put()) as tokens:
        order = shop.final(shop.place(shop.activation(eid="0" * 28 + "0001")))
    assert order["failure"]["code"] == "network_rejected"
    assert len(tokens) == 1


def test_a_bus_that_stays_down_fails_the_order(system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with bus(throttled, times=1000) as tokens:
        order = shop.final(shop.place(shop.activation()))
    assert len(tokens) == 10
    assert (order["failure"]["code"], order["failure"]["step"]) == ("internal_error", "provision")


@pytest.mark.parametrize("late", ["succeeded", "failed"])
def test_an_answer_to_an_older_token_changes_nothing(
    system: System, shop: Shop, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    """The bus took the first request, but its answer was lost: the network is asked twice and answers twice."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    asked: list[Any] = []

    def listens(_handler: Handler) -> Handler:
        # What another test's order still asks to undo is of no interest.
        return lambda event, _context: asked.append(event) if event["detail-type"] == REQUESTED else None

    def answer(event: Any, what: str) -> None:
        envelope = {"source": NETWORK, "detail-type": f"network.provisioning.{what}"}
        system.functions.invoke("functions.events.answers", {**event, **envelope})

    with system.functions.replaced(SIMULATED_NETWORK.module, listens), bus(answer_lost, times=1):
        order = shop.place(shop.activation())
        shop.until(order, lambda _now: len(asked) == 2)
        answer(asked[0], late)
        assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "fulfilling"
        answer(asked[1], "succeeded")
        order = shop.final(order)
        answer(asked[0], late)
        answer(asked[1], "succeeded")
        system.quiesce()
    assert order["status"] == "completed"
    assert len({event["detail"]["reply_token"] for event in asked}) == 2
    assert {event["source"] for event in asked} == {ORDERS}
    assert evidence.asked_of_network(order["id"]) == []
    assert event_types_of(order) == ["order.accepted", "order.fulfilling", "order.completed"]


@pytest.mark.parametrize(
    ("answer", "error"), [({}, "States.Runtime"), ({"request": "x" * 300_000}, "States.DataLimitExceeded")]
)
def test_an_error_that_nothing_catches_is_undone_by_the_clock(
    system: System, shop: Shop, answer: dict[str, str], error: str
) -> None:
    """As ``States.ALL`` does not mean these two, the execution fails and leaves its order behind."""

    def make(handler: Handler) -> Handler:
        def fulfil(event: Any, context: Any) -> Any:
            made = handler(event, context)
            return answer if event["step"] == "prepare" else made

        return fulfil

    with (
        system.functions.replaced(EXECUTION_TASK, make),
        system.functions.replaced(CLOCK, lambda _clock: lambda _e, _c: None),
    ):
        order = shop.place(shop.activation())
        system.quiesce()
        ended = evidence.execution(system, order["id"])
        assert (ended["status"], ended["error"]) == ("FAILED", error)
        assert shop.client.get(f"/orders/{order['id']}").json()["status"] == "fulfilling"
    evidence.make_due(system, order)
    assert shop.final(order)["failure"]["code"] == "internal_error"
    assert evidence.execution(system, f"{order['id']}.undo")["stateMachineArn"] == environment.UNDO_STATE_MACHINE_ARN
