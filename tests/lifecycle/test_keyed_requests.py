"""Every request that takes a key, sent again under it: also while its first try commits (contract §1)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.routes import ROUTES
from functions.shared import dynamodb
from functions.shared.people import shows_person
from tests.lifecycle.keyed_requests import REQUESTS, TORN, Sent, activation
from tests.support.customers import PERSONAL
from tests.support.store import Item
from tests.support.timeline import Timeline

UNRELATED = {"Idempotent-Replayed", "Correlation-Id"}


def same(first: Item, again: Item) -> None:
    """Assert that the second answer is the first one's replay."""
    expected = {name: value for name, value in first["headers"].items() if name not in UNRELATED}
    assert {name: again["headers"].get(name) for name in expected} == expected, again["body"]
    assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])
    marks = [answer["headers"]["Idempotent-Replayed"] for answer in (first, again)]
    assert marks == ["false", "true"]


def test_every_route_that_takes_a_key_is_walked() -> None:
    keyed = {(route.method, route.path) for route in ROUTES if route.keyed and route.method in {"POST", "PATCH"}}
    assert REQUESTS.keys() == keyed


@pytest.mark.parametrize(("method", "route"), REQUESTS)
def test_a_request_that_comes_again_is_answered_again(line: Timeline, method: str, route: str) -> None:
    path, body = REQUESTS[method, route](line)
    first = line.world.send_keyed(method, path, body, "once")
    assert first["statusCode"] in {200, 201, 202}, first["body"]
    line.world.look()
    remembered = [item for (_, kind), item in line.world.items.items() if kind == "idempotency"]
    assert all(("due_at" in item) == shows_person(json.loads(item["body"])) for item in remembered), "it is forgotten"
    before = dict(line.world.items)
    same(first, line.world.send_keyed(method, path, body, "once"))
    line.world.look()
    assert line.world.items == before
    line.rest()
    same(first, line.world.send_keyed(method, path, body, "once"))
    for other in ((body or {}) | {"purchase_location": "FR"}, {"unknown": 1}):
        refused = line.world.send_keyed(method, path, other, "once")
        assert refused["statusCode"] == 422
        assert refused["headers"]["Idempotent-Retriable"] == "false"


@pytest.mark.parametrize("request_of", TORN.values(), ids=list(TORN))
def test_the_first_try_commits_between_two_halves_of_the_read(
    line: Timeline, request_of: Callable[[Timeline], tuple[str, Sent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batched read is no snapshot: it misses the first try's key, and then sees what the first try has done."""
    method, (path, body) = request_of(line)
    whole = line.world.store.batch_get_item
    firsts: list[Item] = []

    def torn(*, RequestItems: Item) -> Item:  # noqa: N803 - boto3's name
        monkeypatch.setattr(line.world.store, "batch_get_item", whole)
        ((name, asked),) = RequestItems.items()
        keys = [key for key in asked["Keys"] if key["sk"]["S"] == "idempotency"]
        assert len(keys) == 1
        assert whole(RequestItems={name: {"Keys": keys}})["Responses"] == {name: []}
        firsts.append(line.world.send_keyed(method, path, body, "once"))
        return whole(RequestItems={name: {"Keys": [key for key in asked["Keys"] if key not in keys]}})

    monkeypatch.setattr(line.world.store, "batch_get_item", torn)
    again = line.world.send_keyed(method, path, body, "once")
    (first,) = firsts
    assert first["statusCode"] in {200, 201, 202}, first["body"]
    same(first, again)


def test_a_key_that_is_being_written_is_waited_for(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain read may show the key as free when other items of its transaction are there already."""
    first = line.world.send_keyed("POST", "/accounts", PERSONAL, "once")
    settled = line.world.store.transact_get_items
    calls: list[Item] = []

    def busy(**asked: Any) -> Item:
        calls.append(asked)
        if len(calls) < 3:
            raise conflict()
        return settled(**asked)

    monkeypatch.setattr(line.world.store, "transact_get_items", busy)
    monkeypatch.setattr(dynamodb, "pauses", lambda attempts=None: iter([0.0] * 5))
    same(first, line.world.send_keyed("POST", "/accounts", PERSONAL, "once"))
    assert len(calls) == 3


def conflict() -> Exception:
    """What DynamoDB answers while a transaction is at work on an item that another one asks for."""
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
    answer["CancellationReasons"] = [{"Code": "TransactionConflict"}]
    return ClientError(answer, "TransactGetItems")


def test_the_lookup_before_a_refusal_is_one_read(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    store, calls = line.world.store, list[str]()
    for name in ("get_item", "batch_get_item", "transact_get_items", "transact_write_items"):
        monkeypatch.setattr(store, name, noted(calls, name, getattr(store, name)))
    body = activation(subscriber_id="none")
    assert line.world.send_keyed("POST", "/orders/activate-subscription", body, "refused")["statusCode"] == 400
    assert calls == ["batch_get_item", "transact_get_items"]
    calls.clear()
    assert (
        line.world.send_keyed("POST", "/orders/activate-subscription", body | {"x": 1}, "refused")["statusCode"] == 400
    )
    assert calls == ["transact_get_items"]
    calls.clear()
    assert line.world.send_keyed("POST", "/accounts", PERSONAL, "made")["statusCode"] == 201
    assert calls == ["transact_write_items"]


def noted(calls: list[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noting(**asked: Any) -> Any:
        calls.append(name)
        return call(**asked)

    return noting
