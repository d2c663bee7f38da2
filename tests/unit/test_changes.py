"""What a change writes and removes, and until when it may be sent."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.clock import iso
from functions.shared.dynamodb import Conflict
from functions.shared.event import EVENTS_KEPT, Event, Happened
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import Key, Record
from functions.shared.transaction import COMMIT_WITHIN, Transaction
from functions.subscribers.subscriber import Subscriber
from tests.support.builders import NOW, PARTNER, subscriber
from tests.unit.busy_table import NAME, Client, cancelled, change

pytestmark = pytest.mark.usefixtures("pauses")
LATER = NOW + timedelta(minutes=1)
READ = {"version": 4}
"""What was read has been written before."""
GUARD = Key("acme#reference#1", "reference")
IS_NEW = "attribute_not_exists(pk)"
IS_AS_READ = "version = :read"


def as_written(record: Record, **members: Any) -> dict[str, Any]:
    """The item of a record as one more write leaves it."""
    return record.model_copy(update=members).item() | {"version": record.version + 1}


def put(item: dict[str, Any], condition: str, **values: str | int) -> dict[str, Any]:
    """A write of an item."""
    return {"Put": {"TableName": NAME, "Item": marshal(item)} | _only_if(condition, values)}


def delete(key: Key, condition: str, **values: str | int) -> dict[str, Any]:
    """A removal of an item."""
    return {"Delete": {"TableName": NAME, "Key": marshal(key._asdict())} | _only_if(condition, values)}


def _only_if(condition: str, values: dict[str, str | int]) -> dict[str, Any]:
    given = marshal({f":{name}": value for name, value in values.items()})
    return {"ConditionExpression": condition} | ({"ExpressionAttributeValues": given} if given else {})


def key_in(sent: dict[str, Any]) -> Key:
    """The key of the item that is written."""
    item = sent["Put"]["Item"] if "Put" in sent else sent["Delete"]["Key"]
    return Key(item["pk"]["S"], item["sk"]["S"])


class TestWriting:
    """Each write has the condition that makes it right, and each record counts its writes."""

    @pytest.mark.parametrize(
        ("write", "sent"),
        [
            (lambda it: it.create(subscriber()), put(as_written(subscriber()), IS_NEW)),
            (lambda it: it.put(subscriber()), put(as_written(subscriber()), IS_NEW)),
            *(
                (change_of, put(as_written(subscriber(**READ), updated_at=LATER), IS_AS_READ, read=4))
                for change_of in (
                    lambda it: it.update(subscriber(**READ)),
                    lambda it: it.put(subscriber(**READ)),
                )
            ),
            (lambda it: it.delete(subscriber(**READ)), delete(subscriber().key(), IS_AS_READ, read=4)),
            (lambda it: it.claim(GUARD, {"order_id": "ord_1"}), put(GUARD._asdict() | {"order_id": "ord_1"}, IS_NEW)),
            (
                lambda it: it.claim(GUARD, {"expires_at": iso(LATER)}, free_from=NOW),
                put(GUARD._asdict() | {"expires_at": iso(LATER)}, f"{IS_NEW} OR expires_at <= :now", now=iso(NOW)),
            ),
            (
                lambda it: it.claim_as(GUARD, {"load": "1", "body": "a", "ttl": 2}, same=("load", "ttl")),
                put(
                    GUARD._asdict() | {"load": "1", "body": "a", "ttl": 2},
                    f"{IS_NEW} OR (load = :load AND ttl = :ttl)",
                    load="1",
                    ttl=2,
                ),
            ),
            (lambda it: it.release(GUARD), delete(GUARD, "attribute_exists(pk)")),
            (
                lambda it: it.release_expired(GUARD, NOW),
                delete(GUARD, "expires_at <= :now", now=iso(NOW)),
            ),
        ],
    )
    def test_each_write_under_its_condition_and_each_item_once(
        self, use: Callable[[Client], Client], write: Callable[[Transaction], None], sent: dict[str, Any]
    ) -> None:
        client, made = use(Client({})), Transaction(LATER)
        write(made)
        with pytest.raises(ValueError, match="one change writes"):
            made.release(key_in(sent))
        made.commit()
        (asked,) = client.asked
        assert asked["TransactItems"] == [sent]

    def test_what_is_changed_until_the_commit_is_written(self, use: Callable[[Client], Client]) -> None:
        client, made, record = use(Client({})), Transaction(LATER), subscriber(**READ)
        made.update(record)
        record.first_name = "Augusta"
        made.commit()
        item = client.asked[0]["TransactItems"][0]["Put"]["Item"]
        assert Subscriber.from_item(unmarshal(item)).first_name == "Augusta"

    def test_a_change_of_nothing_asks_for_nothing(self, use: Callable[[Client], Client]) -> None:
        client = use(Client())
        Transaction().commit()
        assert client.asked == []

    def test_a_change_is_of_the_moment_at_which_it_begins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW)
        assert (Transaction().at, Transaction(LATER).at) == (NOW, LATER)


class TestPublishing:
    """Events are of the moment of the commit, in the order in which they were made (contract §8)."""

    @pytest.fixture(autouse=True)
    def _now(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: LATER)

    def events(self, client: Client) -> list[Event]:
        """The events that were sent, each for the first time."""
        writes = [write["Put"] for write in client.asked[0]["TransactItems"]]
        assert all(write["ConditionExpression"] == IS_NEW for write in writes)
        found = [unmarshal(write["Item"]) for write in writes]
        return [Event.from_item(item) for item in found if item["kind"] == Event.KIND]

    def test_what_an_event_says(self, use: Callable[[Client], Client]) -> None:
        client, made, record = use(Client({})), Transaction(NOW), subscriber(sequence=6)
        made.publish(record, "order.accepted", {"a": 1})
        made.publish(record, "order.fulfilling", {"a": 2}, "subs_1")
        made.commit()
        first, second = self.events(client)
        plain = {"partner": PARTNER, "created_at": LATER, "version": 1, "ttl": int((LATER + EVENTS_KEPT).timestamp())}
        assert [first, second] == [
            Event(id=first.id, type="order.accepted", data={"a": 1}, sequence=7, **plain),
            Event(id=second.id, type="order.fulfilling", data={"a": 2}, sequence=8, subscription_id="subs_1", **plain),
        ]
        assert first.id.startswith("evt_")
        assert first.id < second.id
        assert record.sequence == 8

    def test_what_an_order_publishes_is_listed_by_it(self, use: Callable[[Client], Client]) -> None:
        client, made = use(Client({})), Transaction()
        ids = {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
        order = Order(id="ord_1", partner=PARTNER, created_at=NOW, type="t", event_ids=["evt_0"], **ids)
        made.order = order
        made.create(order)
        made.publish(order, "order.accepted", {})
        made.save(SimpleNamespace(records=list, events=lambda: [Happened(PARTNER, "product.active", 1, {}, "subs_1")]))
        made.commit()
        found = self.events(client)
        assert [(event.type, event.order_id) for event in found] == [
            ("order.accepted", "ord_1"),
            ("product.active", "ord_1"),
        ]
        kept = Order.from_item(unmarshal(client.asked[0]["TransactItems"][0]["Put"]["Item"]))
        assert kept.event_ids == order.event_ids == ["evt_0", *(event.id for event in found)]

    def test_an_aggregate_is_saved_with_its_records(self, use: Callable[[Client], Client]) -> None:
        client, made = use(Client({})), Transaction(LATER)
        records = [subscriber(), subscriber(id="subr_2", **READ)]
        made.save(SimpleNamespace(records=lambda: records, events=tuple))
        made.commit()
        assert client.asked[0]["TransactItems"] == [
            put(as_written(records[0]), IS_NEW),
            put(as_written(records[1]), IS_AS_READ, read=4),
        ]


class TestRemoving:
    """A change removes only what it has read, and frees only what is taken."""

    @pytest.mark.usefixtures("kept")
    def test_what_has_changed_since_stays(self) -> None:
        change().commit()
        read, newer = (table.read(Subscriber, PARTNER, "subr_1") for _ in range(2))
        assert read is not None
        assert newer is not None
        update = Transaction()
        update.update(newer)
        update.commit()
        removal = Transaction()
        removal.delete(read)
        with pytest.raises(Conflict):
            removal.commit()
        assert table.read(Subscriber, PARTNER, "subr_1") is not None

    @pytest.mark.usefixtures("kept")
    def test_what_is_free_cannot_be_freed(self) -> None:
        guard = Key("guard", "guard")
        release = Transaction()
        release.release(guard)
        with pytest.raises(Conflict):
            release.commit()

    @pytest.mark.usefixtures("kept")
    def test_what_has_not_expired_stays(self) -> None:
        guard = Key("guard", "guard")
        claim = Transaction()
        claim.claim(guard, {"expires_at": iso(NOW)})
        claim.commit()
        for moment, freed in ((NOW - timedelta(milliseconds=1), False), (NOW, True)):
            release = Transaction()
            release.release_expired(guard, moment)
            with nullcontext() if freed else pytest.raises(Conflict):
                release.commit()
            assert (table.get_item(guard) is None) == freed


@pytest.mark.parametrize("seconds", [0, 1])
def test_its_events_come_in_time_or_not_at_all(
    use: Callable[[Client], Client], monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """After that, a reader of the log may have passed the moment that is in their ids."""
    client = use(Client(cancelled("TransactionConflict"), {}))
    moments = [NOW, NOW, NOW, NOW + COMMIT_WITHIN + timedelta(seconds=seconds)]
    monkeypatch.setattr(clock, "now", lambda: moments.pop(0))
    with pytest.raises(Conflict) if seconds else nullcontext():
        change().commit()
    assert (len(client.asked), moments) == (2 - seconds, [])
