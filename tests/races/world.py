"""The real functions over a table in DynamoDB Local, and what calls them: a partner, the stream, the state machine."""

import builtins
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from functions.events import clock as clock_function
from functions.orders import execution_task, executions, progress
from functions.routes import ROUTES, SCOPES, module_of
from functions.shared import clock, dynamodb, search_keys, table
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import whole
from functions.shared.transaction import Transaction
from functions.subscriptions.subscription import Subscription
from infra.local import environment
from infra.local.functions import Functions
from infra.local.gateway_calls import Call, proxy_event
from infra.local.messages import HttpRequest
from infra.local.patches import replaced
from infra.local.paths import resource_of
from infra.operator import sims
from tests.races.answers import Answer, Item
from tests.support import bodies
from tests.support.builders import ADDON, PARTNER, PLANS, SUBSCRIBER, offering, subscriber
from tests.support.carrying_out import TRIES, again, carry_out
from tests.support.sims import esim, physical_sim
from tests.support.store import DEFINITION

CONTEXT = {"partner": PARTNER, "scopes": " ".join(SCOPES)}
MAX_REQUESTS = 20
"""How often a partner sends a request again before it gives up."""
TIMEOUT = {"Error": "States.Timeout", "Cause": ""}


_here: ContextVar["World | None"] = ContextVar("world", default=None)


class World:
    """One partner's world: two plans, an add-on, a subscriber and a stock of SIMs.

    ``client`` is the functions' client of the table, ``admin`` the tests' own.
    """

    def __init__(self, client: Any, admin: Any) -> None:
        self.client = client
        self._admin = admin
        self.started: list[str] = []
        """The names of the executions that were started."""
        self._functions = Functions()
        self._sims = 0

    def begin(self) -> None:
        """Let the table hold nothing but the catalog and the subscriber."""
        if environment.TABLE in self._admin.list_tables()["TableNames"]:
            self._admin.delete_table(TableName=environment.TABLE)
        self._admin.create_table(TableName=environment.TABLE, **DEFINITION)
        change = Transaction()
        for plan in PLANS:
            change.create(offering(plan, "plan"))
        change.create(offering(ADDON, fits=list(PLANS)))
        change.create(subscriber())
        change.commit()

    def stock(self, esims: int) -> None:
        """Put this number of further eSIMs into stock."""
        sims.load(PARTNER, [esim(self._next_sim()) for _ in range(esims)])

    def reserved(self) -> str:
        """The id of a reservation of a new physical SIM."""
        card = physical_sim(self._next_sim())
        sims.load(PARTNER, [card])
        return str(self.post("/sim-profiles/reserve", {"activation_code": card.activation_code}).body["reservation_id"])

    def post(self, path: str, body: Item | None = None, key: str | None = None) -> Answer:
        """Send a request once."""
        headers = [("Content-Type", "application/json")] + ([("Idempotency-Key", key)] if key else [])
        resource, parameters = resource_of(path)
        (route,) = (route for route in ROUTES if (route.method, route.path) == ("POST", resource))
        request = HttpRequest("POST", path, headers, json.dumps(body).encode() if body else b"")
        call = Call(request, str(uuid4()), clock.now().timestamp(), resource, parameters, route)
        return Answer(self._functions.invoke(module_of(route), proxy_event(call, CONTEXT)))

    def insist(self, path: str, body: Item | None = None, key: str | None = None) -> Answer:
        """Send a request under a key, again and again while only something on our side failed."""
        key = key or str(uuid4())
        for _ in range(MAX_REQUESTS):
            answer = self.post(path, body, key)
            if answer.status < 500:
                return answer
            assert answer.headers["Idempotent-Retriable"] == "true"
        raise AssertionError(f"{path} was never answered")

    def place(self, body: Item) -> Answer:
        """Send an order until it is accepted or refused."""
        return self.insist("/orders", body)

    def subscribe(self) -> str:
        """The id of a new, active subscription with the first plan."""
        self.stock(1)
        order = self.insist("/orders", activation()).body["id"]
        assert self.carry_out(order) == "completed"
        return str(self.order(order)["subscription_id"])

    def move_on(self, order_id: str) -> None:
        """What the stream does about an accepted order."""
        again(lambda: table.retry_on_conflict(lambda: progress.advance(PARTNER, order_id)), MAX_REQUESTS)

    def step(self, step: str, order_id: str, **fields: Any) -> Item:
        """What the state machine does about one step."""
        event = {"step": step, "partner": PARTNER, "order_id": order_id, **fields}
        answer: Item = again(lambda: execution_task.handler(event, None), TRIES[step])
        return answer

    def undo(self, order_id: str, step: str = "provision", error: Item | None = None) -> Item:
        """Undo an order; unless told otherwise, because the network did not answer."""
        return self.step("undo", order_id, failed_step=step, error=error or TIMEOUT)

    def carry_out(self, order_id: str) -> str:
        """The stream, and the whole execution of an order that the network accepts; its status at the end."""
        self.move_on(order_id)
        return carry_out(partial(self.step, order_id=order_id))

    def tick(self) -> None:
        """The clock, which runs again after a minute if it fails."""
        again(lambda: clock_function.handler({}, None), MAX_REQUESTS)

    def is_due(self, order_id: str) -> None:
        """Let the time come at which the clock looks after an order."""
        self._admin.update_item(
            TableName=environment.TABLE,
            Key={"pk": {"S": f"{PARTNER}#{order_id}"}, "sk": {"S": "order"}},
            UpdateExpression="SET due_at = :past",
            ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
        )

    def date_comes(self, subscription_id: str) -> None:
        """Let the date come for which the only scheduled order of a subscription waits."""
        subscription = Subscription.from_item(self._item(subscription_id, "subscription"))
        (waiting,) = subscription.lock.scheduled
        waiting.release_at = waiting.holds_from = datetime(2020, 1, 1, tzinfo=UTC)
        self._admin.put_item(TableName=environment.TABLE, Item=marshal(subscription.item()))

    def order(self, order_id: str) -> Item:
        """All that is stored of an order."""
        return whole(self._item(order_id, "order"))

    def open_products(self, subscription_id: str) -> list[str]:
        """The ids of a subscription's products that have not ended."""
        subscription = Subscription.from_item(self._item(subscription_id, "subscription"))
        return [product.id for product in subscription.open_products]

    def orders(self) -> list[str]:
        """The ids of all orders."""
        return [item["id"] for item in self.items() if item["sk"] == "order"]

    def items(self) -> list[Item]:
        """The whole table."""
        pages = self._admin.get_paginator("scan").paginate(TableName=environment.TABLE, ConsistentRead=True)
        return [whole(unmarshal(item)) for page in pages for item in page["Items"]]

    def _item(self, record_id: str, kind: str) -> Item:
        key = {"pk": {"S": f"{PARTNER}#{record_id}"}, "sk": {"S": kind}}
        answer = self._admin.get_item(TableName=environment.TABLE, Key=key, ConsistentRead=True)
        return unmarshal(answer["Item"])

    def start_execution(self, *, name: str, **_: Any) -> None:
        """Stands for Step Functions."""
        self.started.append(name)

    def _next_sim(self) -> int:
        self._sims += 1
        return self._sims


@contextmanager
def inhabited(world: World) -> Iterator[None]:
    """Give the functions this world's table and executions, here and in what is started from here.

    Another system's threads in this process go on with their own.
    """

    def here(choose: Callable[[World], Any]) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        def make(original: Callable[[], Any]) -> Callable[[], Any]:
            return lambda: choose(inhabitant) if (inhabitant := _here.get()) else original()

        return make

    with ExitStack() as stack:
        stack.enter_context(replaced(dynamodb, "client", here(lambda world: world.client)))
        stack.enter_context(replaced(executions, "_client", here(lambda world: world)))
        stack.enter_context(replaced(search_keys, "_secret", here(lambda _world: b"secret")))
        one_by_one = replaced(clock_function, "ThreadPoolExecutor", lambda _pool: lambda _number: nullcontext(builtins))
        stack.enter_context(one_by_one)
        stack.callback(_here.reset, _here.set(world))
        yield


def activation(*addons: str, plan: str = PLANS[0], **fields: Any) -> Item:
    """The body of an activation with an eSIM, a plan and add-ons."""
    return bodies.activation(SUBSCRIBER, plan, *addons, **fields)
