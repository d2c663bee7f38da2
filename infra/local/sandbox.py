"""What a partner can do only in the sandbox: move the time, and send the mobile network's reports (contract §9)."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from isodate import parse_duration
from pydantic import AfterValidator, Field, WithJsonSchema

from functions.network import interface
from functions.network.reports import NetworkReport, SimReport
from functions.routes import SCOPES
from functions.shared import clock, table
from functions.shared.http import Handler, Request, Response, serve
from functions.shared.idempotency import IdempotencyKey
from functions.shared.ids import new_id
from functions.shared.links import link
from functions.shared.records import Due
from functions.shared.refusals import Code, Fault, Refusal, invalid, refuses
from functions.shared.shapes import AtMost, Shape
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from infra.console import page
from infra.local import activity, environment
from infra.local.conditions import Conditions, NewConditions
from infra.local.dynamodb import first_due
from infra.local.folder import SETTING, Note
from infra.local.functions import CLOCK
from infra.local.identity import CLIENTS, Client
from infra.local.keeping import CLIENT
from infra.local.routes import SANDBOX_ROUTES
from infra.local.sandbox_time import SandboxTime
from infra.local.tries import TRIES
from infra.operator.partners.records import let_in

if TYPE_CHECKING:
    from infra.local.system import System

NOW, CONDITIONS = "now", "conditions"
REST_SECONDS = 60.0
LOG_SECONDS = 1.0
MAX_CHANGES_AT_ONCE = 10
"""How often one record can be due at one moment: what an order has held up is applied as of the moment it was due."""
MAX_AHEAD = "P5Y"
MAX_DURATION = 100
"""In characters."""
UNDER_WAY = frozenset({"under_way", "waiting"})
"""Stages in which a delivery goes on when an endpoint answers, which no move of the time waits for."""
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _duration(text: str) -> str:
    # The library also takes a T with no time after it.
    written = "" if text.endswith("T") else text
    try:
        end: datetime = SOME_DAY + parse_duration(written)
    except (ValueError, OverflowError):
        raise ValueError("must be an ISO-8601 duration such as P31D, P1M or PT12H") from None
    if not SOME_DAY <= end <= SOME_DAY + parse_duration(MAX_AHEAD):
        raise ValueError(f"must not go back, and not further than {MAX_AHEAD} at once")
    return text


class MoveTime(Shape):
    """How far to move the time."""

    advance: Annotated[str, Field(max_length=MAX_DURATION), AfterValidator(_duration)]


def _scope(name: str) -> str:
    if name not in SCOPES:
        raise ValueError(f"must be one of {', '.join(SCOPES)}")
    return name


Scope = Annotated[str, AfterValidator(_scope), WithJsonSchema({"type": "string", "enum": [*SCOPES]})]
Limit = Annotated[int, Field(ge=1, le=10_000)]


class NewPartner(Shape):
    """A new partner: its scopes, and its limit per second."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    scopes: Annotated[list[Scope], AtMost(len(SCOPES))] | None = None
    rate: Limit | None = None
    burst: Limit | None = None


class Sandbox:
    """The operations of the sandbox's routes, on a running system."""

    def __init__(self, system: "System", conditions: Conditions) -> None:
        self.time = SandboxTime()
        self.conditions = conditions
        self._system = system
        self._moving = Lock()
        self._adding = Lock()
        self._resets = 0
        self._moving_to: datetime | None = None

    def describe(self, request: Request) -> Response:
        """Return what can be tried, and how (``GET /sandbox``)."""
        clients = [{"client_id": name, "client_secret": client.secret} for name, client in CLIENTS.items()]
        return Response(200, {"clients": clients, "tries": TRIES, "_links": sandbox_links()})

    def reset(self, request: Request) -> Response:
        """Restore the initial state (``POST /sandbox/reset``); a running move of the time ends."""
        self._resets += 1
        self._system.reset()
        return Response(204, b"")

    def add_partner(self, request: Request, body: NewPartner) -> Response:
        """Add a partner with its data (``POST /sandbox/partners``)."""
        client_id = f"partner-{self._system.chance.source('partner').randbytes(4).hex()}"
        scopes = SCOPES if body.scopes is None else tuple(body.scopes)
        with self._adding, self._system.folder.held():
            self._system.seed.partner(client_id, len(self._system.identity.clients))
            client = self._let_in(client_id, scopes, body.rate, body.burst)
            self._system.folder.note((CLIENT, client_id, [scopes, body.rate, body.burst]))
            answer = {"client_id": client_id, "client_secret": client.secret, "name": body.name or client_id}
            return request.commit(Transaction(), Response(201, answer))

    def notes(self) -> list[Note]:
        """Return what a folder must keep whenever it is written: the time, and what orders meet."""
        return [(SETTING, NOW, clock.iso(self.time.now())), (SETTING, CONDITIONS, self.conditions.changed)]

    def bring_back(self) -> None:
        """Let in the partners that a folder has kept, and let time and what orders meet go on from where they were."""
        for client_id, (scopes, rate, burst) in self._system.folder.all(CLIENT).items():
            self._let_in(client_id, tuple(scopes), rate, burst)
        settings = self._system.folder.all(SETTING)
        self.conditions.changed = settings.get(CONDITIONS, {})
        self.time.go_on_from(datetime.fromisoformat(settings[NOW]))

    def get_time(self, request: Request) -> Response:
        """Return the time (``GET /sandbox/clock``)."""
        moving = {"moving_to": clock.iso(self._moving_to)} if self._moving_to else {}
        return Response(200, {"now": clock.iso(self.time.now())} | moving)

    def move_time(self, request: Request, body: MoveTime) -> Response:
        """Move the time, and answer once everything due on the way has happened (``POST /sandbox/clock``)."""
        with self._moving:
            started, start = time.monotonic(), self.time.now()
            self._moving_to = start + parse_duration(body.advance)
            try:
                self._pass(self._moving_to)
            finally:
                target, self._moving_to = self._moving_to, None
            # The machine's time has gone on meanwhile, and none of it is lost.
            self.time.move_to(target + timedelta(seconds=time.monotonic() - started))
            return request.commit(Transaction(), Response(200, {"now": clock.iso(self.time.now())}))

    def get_conditions(self, request: Request) -> Response:
        """Return what an order meets (``GET /sandbox/conditions``)."""
        return Response(200, self.conditions.shown())

    def change_conditions(self, request: Request, body: NewConditions) -> Response:
        """Change what an order meets (``POST /sandbox/conditions``)."""
        self.conditions.change(body)
        return request.commit(Transaction(), Response(200, self.conditions.shown()))

    @refuses(Code.NOT_FOUND)
    def report(self, request: Request, body: NetworkReport) -> Response:
        """Put a report of the network on the bus (``POST /sandbox/network-events``). Raise a 400 for unknown ids."""
        if isinstance(body, SimReport):
            sim = table.read(SimProfile, request.partner, body.sim_profile_id)
            _require(sim, "SIM profile", "$.sim_profile_id")
        else:
            subscription = table.read(Subscription, request.partner, body.subscription_id)
            _require(subscription, "subscription", "$.subscription_id")
        detail = body.model_dump(mode="json", exclude={"type"}, exclude_none=True)
        detail |= {"id": body.id or _report_id(request.key), "partner": request.partner}
        detail["occurred_at"] = clock.iso(clock.now())
        self._put(interface.reporting(body.type), detail)
        return request.commit(Transaction(), Response(202, {"id": detail["id"]}))

    def _let_in(self, client_id: str, scopes: tuple[str, ...], rate: int | None, burst: int | None) -> Client:
        client = Client(f"{client_id}-secret", client_id, scopes)
        let_in(client_id, client_id, _api_key(client_id))
        self._system.gateway.throttle.limit(_api_key(client_id), rate, burst)
        self._system.identity.clients[client_id] = client
        return client

    def _check_not_reset(self, resets: int) -> None:
        if self._resets != resets:
            raise Refusal(409, "The sandbox was reset, so its time was not moved.")

    def _pass(self, target: datetime) -> None:
        """Move to each due time until the target, and log the progress once a second."""
        resets, logged = self._resets, time.monotonic()
        self._rest()
        changes_at: Counter[Due] = Counter()
        while due := self._first_due(target):
            self._check_not_reset(resets)
            if changes_at[due] == MAX_CHANGES_AT_ONCE:
                raise RuntimeError(f"{due.kind} {due.id} stays due at {due.at}")
            changes_at[due] += 1
            self.time.move_to(datetime.fromisoformat(due.at))
            self._system.functions.invoke(CLOCK, {})
            self._rest()
            if time.monotonic() - logged > LOG_SECONDS:
                activity.log_move(self.time.now(), target)
                logged = time.monotonic()
        self._check_not_reset(resets)

    def _rest(self) -> None:
        self._system.quiesce(REST_SECONDS)

    def _first_due(self, moment: datetime) -> Due | None:
        due = first_due(self._system.aws.store(), environment.TABLE, passing_over=UNDER_WAY)
        return due if due and due.at <= clock.iso(moment) else None

    def _put(self, detail_type: str, detail: dict[str, Any]) -> None:
        entry: Any = {"EventBusName": environment.NETWORK_BUS, "Source": interface.NETWORK}
        entry |= {"DetailType": detail_type, "Detail": json.dumps(detail)}
        self._system.aws.events.put_events(Entries=[entry])


def sandbox_links() -> dict[str, Any]:
    """Return the links of ``GET /sandbox``."""
    links = {route.path.rpartition("/")[2]: link(route.path) for route in SANDBOX_ROUTES}
    return {"self": links.pop("sandbox")} | links | {"console": link(page.PATH)}


def serve_sandbox(sandbox: Sandbox) -> Handler:
    """Return the function behind the sandbox's routes."""
    return serve({route: getattr(sandbox, route.operation) for route in SANDBOX_ROUTES})


def _api_key(client_id: str) -> str:
    return f"{client_id}-api-key"


def _report_id(key: IdempotencyKey | None) -> str:
    """Return the id of the report; a request that is repeated under its key has the same one."""
    return f"rep_{key.storage_key.pk.rpartition('#')[2]}" if key else new_id("rep")


def _require(record: object, what: str, pointer: str) -> None:
    if record is None:
        raise invalid(Fault(Code.NOT_FOUND, f"There is no such {what}.", pointer))
