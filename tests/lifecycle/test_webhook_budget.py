"""What webhooks may cost (docs/architecture.md, "Budgets"), counted at botocore's door."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest

from functions.shared.event import SHARDS
from functions.shared.marshal import unmarshal
from infra.counted import ACTIVATION
from infra.local.system import System
from tests.lifecycle.test_budgets import Calls, counted
from tests.support.inbox import Inbox, open_inbox
from tests.support.newcomer import Newcomer
from tests.support.own_shop import OwnShop
from tests.support.units_of_calls import WriteUnits

OF_WEBHOOKS = {"delivery", "slot"}


@pytest.fixture(scope="module")
def shop(system: System) -> OwnShop:
    """A partner that gets no events but those of what a test does."""
    return OwnShop(system, f"hearer-{uuid4()}", 975)


@pytest.fixture
def inbox(system: System, shop: OwnShop) -> Iterator[Inbox]:
    """A receiver that gets every event of the partner from now on."""
    system.quiesce()
    with open_inbox(Inbox()) as inbox:
        made = shop.client.post("/webhooks", {"url": inbox.url, "enabled_events": ["*"]}).json()
        yield inbox
        shop.client.delete(f"/webhooks/{made['id']}")


@pytest.fixture
def calls(system: System, shop: OwnShop, inbox: Inbox) -> Iterator[Calls]:
    """Those of an activation with one plan, up to the last answer of the receiver."""
    body = shop.activation()
    system.quiesce()
    with counted(shop.name) as calls:
        shop.complete(body)
        system.quiesce()
        yield calls
    assert len(inbox.events) == 6


def transactions(calls: Calls, *, of_webhooks: bool) -> list[list[dict[str, Any]]]:
    """The items of each transaction that the table took, as far as it puts some.

    Two workers that want the same slot at the same moment cost a refused transaction: that is chance.
    """
    taken = [body for _, name, body in calls.made if name == "TransactWriteItems" and body not in calls.refused]
    made = [body["TransactItems"] for body in taken]
    found = [[unmarshal(write["Put"]["Item"]) for write in writes if "Put" in write] for writes in made]
    return [items for items in found if (items[0].get("kind") in OF_WEBHOOKS) is of_webhooks]


def freed(calls: Calls) -> int:
    """Return how many items the transactions of orders remove."""
    made = [body["TransactItems"] for _, name, body in calls.made if name == "TransactWriteItems"]
    removed = [write["Delete"]["Key"]["sk"]["S"] for writes in made for write in writes if "Delete" in write]
    return sum(kind not in OF_WEBHOOKS for kind in removed)


def units(items: Iterable[dict[str, Any]], factor: int) -> int:
    """Return what all of them take."""
    counting = WriteUnits()
    return sum(counting.put(item, factor) for item in items)


def test_an_activation_is_on_its_way_to_a_webhook_with_few_writes(calls: Calls) -> None:
    """From the API to the queue: the order's own transactions, and one small write for each delivery."""
    orders = transactions(calls, of_webhooks=False)
    deliveries = [unmarshal(body["Item"]) for _, name, body in calls.made if name == "PutItem"]
    assert len(orders) <= 4
    assert len(deliveries) == 6
    assert sum(map(len, orders)) + len(deliveries) <= 30
    assert freed(calls) == 1, "the SIM leaves the stock"
    assert units(chain(*orders), 2) + 2 * freed(calls) + units(deliveries, 1) <= ACTIVATION.write_units + 3 * 6


def test_a_delivery_is_two_reads_and_two_writes_around_its_attempt(calls: Calls) -> None:
    """The claim: the delivery, then its webhook, event and slots. The record reads all of these once more."""
    written = transactions(calls, of_webhooks=True)
    assert len(written) == 2 * 6
    assert max(map(len, written)) <= 2
    assert units(chain(*written), 2) <= 6 * 11


def test_a_partner_without_webhooks_costs_one_query_for_a_batch(system: System, shop: OwnShop) -> None:
    body = shop.activation()
    system.quiesce()
    with counted(shop.name) as calls:
        shop.complete(body)
        system.quiesce()
    asked = Counter(
        body["ExpressionAttributeValues"][":pk"]["S"].rpartition("#")[2]
        for _, name, body in calls.made
        if name == "Query" and ":pk" in body["ExpressionAttributeValues"]
    )
    assert 1 <= asked["webhooks"] <= 6, "at most one for each event"
    assert "PutItem" not in [name for _, name, _ in calls.made]


def test_what_partners_do_with_webhooks(system: System) -> None:
    """One read and one write; lists and a count of events are queried, and a test looks for its key before it acts."""
    client = Newcomer(system)
    read, written = ["BatchGetItem"], ["TransactWriteItems"]
    with open_inbox(Inbox()) as inbox, counted() as calls:

        def cost(method: str, path: str, body: Any = None) -> list[str]:
            before = len(calls.mine())
            answer = client.send(method, path, body, {"Idempotency-Key": f"budget of {method} {path}"})
            assert answer.status < 300, answer.json()
            return calls.mine()[before:]

        client.get("/webhooks")
        new = {"url": inbox.url, "enabled_events": ["webhook.disabled"]}
        assert cost("POST", "/webhooks", new) == read + written
        assert cost("GET", "/webhooks") == ["Query"]
        (made,) = client.get("/webhooks").json()["_embedded"]["webhooks"]
        path = f"/webhooks/{made['id']}"
        assert cost("GET", path) == read
        assert cost("PATCH", path, {"description": "ours"}) == read + written
        assert cost("POST", f"{path}/rotate-signing-secret") == read + written
        assert cost("POST", f"{path}/replay", {"since": made["created_at"]}) == [*read, *["Query"] * SHARDS, *written]
        delivery = f"{path}/deliveries/{delivered(client, path, new)}"
        assert cost("GET", f"{path}/deliveries") == [*read, "Query", *read]
        assert cost("GET", delivery) == read
        assert cost("POST", f"{delivery}/retry") == read + written
        assert cost("POST", f"{path}/test") == ["TransactGetItems", *read, *written]
        assert cost("DELETE", path) == read + written


def delivered(client: Newcomer, path: str, new: Any) -> str:
    """The id of a delivery: another webhook is disabled."""
    other = client.post("/webhooks", new).json()["id"]
    assert client.patch(f"/webhooks/{other}", {"status": "disabled"}).status == 200
    client.system.quiesce()
    (delivery,) = client.get(f"{path}/deliveries").json()["_embedded"]["deliveries"]
    return str(delivery["id"])
