"""The real functions over a table of their own, with nothing that calls them: a test does, in any order."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from functions.events import answers, changes, reports
from functions.events import clock as clock_function
from functions.orders import execution_task
from functions.orders.kind import StepRefused
from functions.routes import ROUTES, SCOPES
from functions.shared.event import Event
from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from functions.shared.transaction import Transaction
from infra.local.functions import Functions
from infra.local.gateway_calls import Call, proxy_event
from infra.local.messages import HttpRequest
from infra.local.paths import resource_of
from infra.local.stream import as_lambda_gets_it
from infra.local.stream_filter import wanted
from infra.operator import sims
from tests.model.lifecycle import DONE, TOO_LATE
from tests.support.builders import ADDON, PARTNER, PLANS, offering, subscriber
from tests.support.description import check_answer, check_event
from tests.support.executions import Execution, Executions
from tests.support.keys import Keys
from tests.support.sims import esim
from tests.support.store import Item, Store

TABLE = "orders-of-the-model"
START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
YEARS = {"type": "duration", "unit": "year", "unit_count": 10, "is_recurrent": False}
"""Longer than any test lasts: what products do by themselves is no part of the lifecycle of orders."""
CONTEXT = {"partner": PARTNER, "scopes": " ".join(SCOPES)}


class World:
    """What a partner and AWS can do to the system, and what the system made of it."""

    def __init__(self) -> None:
        self.now = START
        self.store = Store()
        self.executions = Executions()
        self.keys = Keys()
        self.items: dict[tuple[str, str], Item] = {}
        self.before: dict[tuple[str, str], Item] = {}
        """What items were before their last change, or before they were removed."""
        self.undelivered: list[Item] = []
        """Records of the stream that its function acts on and has not taken yet."""
        self.deprovisionings: list[Item] = []
        """What the network was asked to undo."""
        self.refused_entries = 0
        """The number of entries that the bus does not take."""
        self._refusals: dict[str, str] = {}
        """What steps said when they were refused, by its code."""
        self._functions = Functions()
        self._ids = self._posts = 0

    def begin(self, esims: int) -> None:
        """An empty table with a catalog, a subscriber and this number of eSIMs."""
        self.store.begin(TABLE)
        change = Transaction()
        for plan in PLANS:
            change.create(offering(plan, "plan", validity=YEARS))
        change.create(offering(ADDON, validity=YEARS, fits=list(PLANS)))
        change.create(subscriber())
        change.commit()
        sims.load(PARTNER, [esim(number) for number in range(esims)])
        self.look()

    def post(self, path: str, body: Item | None) -> tuple[int, Item]:
        """Send a request, every third one twice under its key: what was accepted is answered again in the same way."""
        self._posts += 1
        answer = self._post(path, body)
        if answer["statusCode"] < 400 and self._posts % 3 == 0:
            again = self._post(path, body)
            assert (again["statusCode"], again["body"]) == (answer["statusCode"], answer["body"])
            assert again["headers"]["Idempotent-Replayed"] == "true"
        self.look()
        return answer["statusCode"], json.loads(answer["body"])

    def get(self, target: str) -> Item:
        """What a GET answers."""
        answer = self.send(HttpRequest("GET", target), "get")
        assert answer["statusCode"] == 200, answer
        return dict(json.loads(answer["body"]))

    def send(self, request: HttpRequest, request_id: str) -> Item:
        """What the request is answered, as the gateway passes it on."""
        resource, parameters = resource_of(request.path)
        (route,) = (route for route in ROUTES if (route.method, route.path) == (request.method, resource))
        call = Call(request, request_id, self.now.timestamp(), resource, parameters, route)
        answer: Item = self._functions.invoke(f"functions.{route.module}", proxy_event(call, CONTEXT))
        if not answer["isBase64Encoded"]:
            check_answer(request.method, request.path, answer["statusCode"], answer["headers"], answer["body"].encode())
        return answer

    def deliver(self, start: int, count: int, *, keep: bool = False, refuse: int = 0) -> list[Item]:
        """Hand records of the stream to its function; what it does not take, or is to ``keep``, comes again.

        The bus refuses the first ``refuse`` entries. The answer is what was taken; nothing behind it was carried out.
        """
        records = self.undelivered[start : start + count]
        self.refused_entries = refuse
        failures = changes.handler({"Records": records}, None)["batchItemFailures"]
        self.refused_entries = 0
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        taken = numbers.index(failures[0]["itemIdentifier"]) if failures else len(records)
        if not keep:
            del self.undelivered[start : start + taken]
        self.look()
        return [whole(unmarshal(record["dynamodb"]["NewImage"])) for record in records[:taken]]

    def run_step(self, running: Execution, step: str) -> str:
        """Call the function of a step; the execution does not hear of it. ``DONE``, ``TOO_LATE`` or a code."""
        try:
            execution_task.handler(running.event(step), None)
        except execution_task.Superseded:
            return TOO_LATE
        except StepRefused as refusal:
            code = str(json.loads(str(refusal))["code"])
            self._refusals[code] = str(refusal)
            return code
        finally:
            self.look()
        return DONE

    def hear(self, running: Execution, outcome: str) -> None:
        """The execution hears how its step went."""
        if outcome == DONE:
            running.passed()
        elif outcome == TOO_LATE:
            running.failed("Superseded", "{}")
        else:
            refusal = self._refusals.get(outcome) or json.dumps({"code": outcome, "detail": ""})
            running.failed("StepRefused", json.dumps({"errorType": "StepRefused", "errorMessage": refusal}))

    def network_says(self, what: str, about: Item) -> None:
        """An event of the mobile network."""
        answers.handler({"detail-type": f"network.{what}", "detail": about}, None)
        self.look()

    def network_reports(self, kind: str, **about: Any) -> None:
        """An event of the mobile network that nobody asked for."""
        reports.handler({"detail-type": f"network.{kind}", "detail": {"partner": PARTNER, **about}}, None)
        self.look()

    def run_clock(self) -> None:
        """The minute's tick."""
        clock_function.handler({}, None)
        self.look()

    def put_events(self, *, Entries: Sequence[Item]) -> Item:  # noqa: N803 - boto3's name
        """The bus: it keeps what the network is asked to undo."""
        answers: list[Item] = []
        for entry in Entries:
            taken = len(answers) >= self.refused_entries
            answers.append({"EventId": "1"} if taken else {"ErrorCode": "ThrottlingException"})
            if taken and entry["DetailType"] == "network.deprovisioning.requested":
                self.deprovisionings.append(json.loads(entry["Detail"]))
        return {"FailedEntryCount": self.refused_entries, "Entries": answers}

    def send_message_batch(self, *, Entries: Sequence[Item], **_: Any) -> Item:  # noqa: N803 - boto3's name
        """The queue of webhooks, which nobody reads here."""
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def look(self) -> None:
        """Read what the stream tells of the table; 1 s passes, so that no two changes are made at one moment."""
        self.now += timedelta(seconds=1)
        for record in self.store.news(TABLE):
            self._note(record)

    def of_kind(self, kind: str) -> list[Item]:
        """All that is stored of every record of a kind."""
        return [whole(item) for item in self.items.values() if item.get("kind") == kind]

    def order(self, order_id: str) -> Item:
        """All that is stored of an order."""
        return whole(self.items[f"{PARTNER}#{order_id}", "order"])

    def order_moment(self, order_id: str) -> datetime:
        """When the order was written last."""
        item = self.order(order_id)
        return datetime.fromisoformat(str(item.get("updated_at") or item["created_at"]))

    def stock(self) -> int:
        """How many eSIMs can be taken."""
        return sum(pk == f"{PARTNER}#esim_stock" for pk, _ in self.items)

    def new_id(self, moment: datetime) -> str:
        """The same ids each time an example runs."""
        self._ids += 1
        milliseconds = int(moment.timestamp() * 1000)
        return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + (self._ids << 64 | self._ids).to_bytes(10, "big")))

    def send_keyed(self, method: str, path: str, body: Item | None, key: str) -> Item:
        """Send any request under a key; the function's answer as it is."""
        headers = (("Content-Type", "application/json"), ("Idempotency-Key", key))
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(HttpRequest(method, path, headers, content), key)

    def _post(self, path: str, body: Item | None) -> Item:
        return self.send_keyed("POST", path, body, f"key-{self._posts}")

    def _note(self, record: Item) -> None:
        """Keep up with one change of the table."""
        change = record["dynamodb"]
        place = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
        if place in self.items:
            self.before[place] = self.items[place]
        if record["eventName"] == "REMOVE":
            del self.items[place]
        else:
            item = unmarshal(change["NewImage"])
            before, after = whole(self.items.get(place, item)), whole(item)
            assert before.get("created_at") == after.get("created_at"), "nothing changes its age"
            self.items[place] = item
            if item.get("kind") == Event.KIND:
                check_event(after)
        if wanted(record):
            self.undelivered.append(as_lambda_gets_it(record))
