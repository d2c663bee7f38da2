"""What the system did, seen from behind: committed events, stock, executions."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from moto.dynamodb.models import dynamodb_backends

from functions.network.requests import NetworkRequest
from functions.orders.order import Order
from functions.shared import table
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription
from infra.local import environment
from infra.local.dynamodb import changes
from infra.local.system import System
from tests.support.description import check_event

PAGE = 1000


class _Committed:
    """The events in the table's stream, of which only what is new is read."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self.of: dict[str, list[Event]] = defaultdict(list)
        """Those of a resource, by its id."""
        self.asked: dict[str, list[NetworkRequest]] = defaultdict(list)
        """What the network was asked for an order, by its id."""
        self._read = 0

    def catch_up(self) -> Self:
        """Read on."""
        store = dynamodb_backends[environment.ACCOUNT][environment.REGION]
        while records := changes(store, environment.TABLE, self._read, PAGE):
            self._read += len(records)
            for record in records:
                if record["eventName"] == "INSERT":
                    self._add(record["dynamodb"]["NewImage"])
        return self

    def _add(self, image: dict[str, Any]) -> None:
        # What the pumps' tests write has the kind of an event, but no content.
        kind = image["kind"]["S"] if "document" in image else None
        if kind == NetworkRequest.KIND:
            request = NetworkRequest.from_item(unmarshal(image))
            self.asked[request.data["order_id"]].append(request)
        elif kind == Event.KIND:
            event = Event.from_item(unmarshal(image))
            self.all.append(event)
            resource = next(iter(event.data.values()))
            if isinstance(resource, dict):
                check_event(event.model_dump(mode="json"))
                self.of[resource["id"]].append(event)


_committed = _Committed()


def events(partner: str | None = None) -> list[Event]:
    """Every event committed so far, of all partners or of one, oldest first."""
    found = [event for event in _committed.catch_up().all if partner in {None, event.partner}]
    return sorted(found, key=Event.sort_key)


def event_types_of(resource_id: str) -> list[str]:
    """The types of the events of one resource in their order; their sequence must have no gap."""
    mine = sorted(_committed.catch_up().of[resource_id], key=lambda event: event.sequence)
    assert [event.sequence for event in mine] == list(range(1, len(mine) + 1))
    return [event.type for event in mine]


def asked_of_network(order_id: str) -> list[str]:
    """What the network was asked by the table."""
    return [request.type for request in requests_for(order_id)]


def requests_for(order_id: str) -> list[NetworkRequest]:
    """What the table asked the network for an order, oldest first."""
    return sorted(_committed.catch_up().asked[order_id], key=NetworkRequest.sort_key)


def stock(system: System, partner: str) -> set[str]:
    """The ids of the eSIMs in stock."""
    answer: Any = system.aws.dynamodb.query(
        TableName=environment.TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"{partner}#esim_stock"}},
    )
    return {unmarshal(item)["sim_profile_id"] for item in answer["Items"]}


def execution(system: System, name: str) -> Any:
    """The execution of that name."""
    machine = environment.UNDO_STATE_MACHINE_ARN if ".undo" in name else environment.STATE_MACHINE_ARN
    arn = machine.replace(":stateMachine:", ":execution:")
    return system.aws.stepfunctions.describe_execution(executionArn=f"{arn}:{name}")


def make_due(system: System, order: dict[str, Any], partner: str = "acme") -> None:
    """As if the time had come at which the clock looks after the order."""
    system.aws.dynamodb.update_item(
        TableName=environment.TABLE,
        Key={"pk": {"S": f"{partner}#{order['id']}"}, "sk": {"S": "order"}},
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
    )


def let_date_come(order: dict[str, Any]) -> None:
    """As if the date had come for which the only scheduled order of its subscription waits."""
    root = table.read(Subscription, "acme", order["_embedded"]["subscription"]["id"])
    assert root is not None
    change = Transaction()
    subscription = SubscriptionAggregate(root, change.at)
    (waiting,) = root.lock.scheduled
    waiting.release_at = waiting.holds_from = datetime(2020, 1, 1, tzinfo=UTC)
    change.save(subscription)
    change.commit()


def order(order_id: str) -> Order:
    """An order of acme, as it is kept."""
    found = table.read(Order, "acme", order_id)
    assert found is not None
    return found


def sim(sim_profile_id: str) -> SimProfile:
    """A SIM profile of acme, as it is kept."""
    found = table.read(SimProfile, "acme", sim_profile_id)
    assert found is not None
    return found


def tomorrow() -> str:
    """This time tomorrow, as an order writes it."""
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()
