"""What a partner can do in the sandbox alone: move time, and say what the mobile network would report (contract §9)."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from isodate import parse_duration
from pydantic import AfterValidator, Field

from functions.identity.clients import register
from functions.network import interface
from functions.network.reports import NetworkReport, SimReport
from functions.routes import SCOPES
from functions.shared import clock, table
from functions.shared.http import Handler, Request, Response, serve
from functions.shared.idempotency import IdempotencyKey
from functions.shared.ids import new_id
from functions.shared.links import link
from functions.shared.records import Due
from functions.shared.refusals import Code, Fault, Refusal, invalid
from functions.shared.shapes import AtMost, Shape
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from infra.local import activity, environment
from infra.local.dynamodb import first_due
from infra.local.folder import SETTING, Note
from infra.local.functions import CLOCK
from infra.local.identity import CLIENTS, Client
from infra.local.keeping import CLIENT
from infra.local.patches import replaced
from infra.local.routes import SANDBOX_ROUTES
from infra.local.tries import TRIES

if TYPE_CHECKING:
    from infra.local.system import System

NOW = "now"
REST_SECONDS = 60.0
TELL_SECONDS = 1.0
MAX_LOOKS = 10
"""So often a record can be due at one moment: what an order holds up is made up at the moment it was due."""
MAX_AHEAD = "P5Y"
MAX_DURATION = 100
"""In characters."""
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
    """How far."""

    advance: Annotated[str, Field(max_length=MAX_DURATION), AfterValidator(_duration)]


def _scope(name: str) -> str:
    if name not in SCOPES:
        raise ValueError(f"must be one of {', '.join(SCOPES)}")
    return name


Limit = Annotated[int, Field(ge=1, le=10_000)]


class NewPartner(Shape):
    """A partner to try something with: what it may do, and how often a second."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    scopes: Annotated[list[Annotated[str, AfterValidator(_scope)]], AtMost(len(SCOPES))] | None = None
    rate: Limit | None = None
    burst: Limit | None = None


class SandboxTime:
    """The time of the whole system: the machine's, and so much further."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """In place of :func:`functions.shared.clock.now`."""
        return clock.machine_time() + self._ahead

    def move_to(self, moment: datetime) -> None:
        """Go forward to the moment; never back."""
        self._ahead = max(self._ahead, moment - clock.machine_time())

    def restart(self) -> None:
        """Go back to the machine's time."""
        self._ahead = timedelta()

    def go_on_from(self, moment: datetime) -> None:
        """Let it be this moment now, before the machine's time or behind it."""
        self._ahead = moment - clock.machine_time()

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let everybody who asks for the time hear this one."""
        with replaced(clock, "now", lambda _original: self.now):
            yield


class Sandbox:
    """The operations of the sandbox's routes, on a running system."""

    def __init__(self, system: "System") -> None:
        self.time = SandboxTime()
        self._system = system
        self._moving = Lock()
        self._adding = Lock()
        self._resets = 0
        self._moving_to: datetime | None = None

    def describe(self, request: Request) -> Response:
        """``GET /sandbox``: what can be tried, and how."""
        clients = [{"client_id": name, "client_secret": client.secret} for name, client in CLIENTS.items()]
        tries = [{"what": what, "how": how} for what, how in TRIES]
        links = {route.path.rpartition("/")[2]: link(route.path) for route in SANDBOX_ROUTES}
        return Response(200, {"clients": clients, "tries": tries, "_links": {"self": links.pop("sandbox")} | links})

    def reset(self, request: Request) -> Response:
        """``POST /sandbox/reset``: everything as it was at the start; a move of the time that is under way ends."""
        self._resets += 1
        self._system.reset()
        return Response(204, b"")

    def add_partner(self, request: Request, body: NewPartner) -> Response:
        """``POST /sandbox/partners``: one more, seeded like the others."""
        client_id = f"partner-{self._system.chance.source('partner').randbytes(4).hex()}"
        scopes = SCOPES if body.scopes is None else tuple(body.scopes)
        with self._adding, self._system.folder.held():
            self._system.seed.partner(client_id, len(self._system.identity.clients))
            register(client_id, client_id, _api_key(client_id))
            client = self._let_in(client_id, scopes, body.rate, body.burst)
            self._system.folder.note((CLIENT, client_id, [scopes, body.rate, body.burst]))
            answer = {"client_id": client_id, "client_secret": client.secret, "name": body.name or client_id}
            return request.commit(Transaction(), Response(201, answer))

    def notes(self) -> list[Note]:
        """Return what a folder must keep whenever it is written: the time."""
        return [(SETTING, NOW, clock.iso(self.time.now()))]

    def bring_back(self) -> None:
        """Let in the partners that a folder has kept, and let time go on from where it was."""
        for client_id, (scopes, rate, burst) in self._system.folder.all(CLIENT).items():
            self._let_in(client_id, tuple(scopes), rate, burst)
        self.time.go_on_from(datetime.fromisoformat(self._system.folder.all(SETTING)[NOW]))

    def tell_time(self, request: Request) -> Response:
        """``GET /sandbox/clock``."""
        moving = {"moving_to": clock.iso(self._moving_to)} if self._moving_to else {}
        return Response(200, {"now": clock.iso(self.time.now())} | moving)

    def move_time(self, request: Request, body: MoveTime) -> Response:
        """``POST /sandbox/clock``: answered when everything that is due on the way has happened, in its order."""
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

    def report(self, request: Request, body: NetworkReport) -> Response:
        """``POST /sandbox/network-events``: put on the bus what the network would. Raises a 400 for unknown ids."""
        if isinstance(body, SimReport):
            sim = table.read(SimProfile, request.partner, body.sim_profile_id)
            _require(sim, "SIM profile", "$.sim_profile_id")
        else:
            subscription = table.read(Subscription, request.partner, body.subscription_id)
            _require(subscription, "subscription", "$.subscription_id")
        detail = {
            **body.model_dump(mode="json", exclude={"type"}, exclude_none=True),
            "id": body.id or _report_id(request.key),
            "partner": request.partner,
            "occurred_at": clock.iso(clock.now()),
        }
        self._put(interface.reporting(body.type), detail)
        return request.commit(Transaction(), Response(202, {"id": detail["id"]}))

    def _let_in(self, client_id: str, scopes: tuple[str, ...], rate: int | None, burst: int | None) -> Client:
        client = Client(f"{client_id}-secret", client_id, scopes)
        self._system.gateway.throttle.limit(_api_key(client_id), rate, burst)
        self._system.identity.clients[client_id] = client
        return client

    def _check_not_reset(self, resets: int) -> None:
        if self._resets != resets:
            raise Refusal(409, "The sandbox was reset, so its time was not moved.")

    def _pass(self, target: datetime) -> None:
        """Let everything happen that is due until then, and tell once a second how far it is."""
        resets, told = self._resets, time.monotonic()
        self._rest()
        looked_at: Counter[Due] = Counter()
        while due := self._first_due(target):
            self._check_not_reset(resets)
            if looked_at[due] == MAX_LOOKS:
                raise RuntimeError(f"{due.kind} {due.id} stays due at {due.at}")
            looked_at[due] += 1
            self.time.move_to(datetime.fromisoformat(due.at))
            self._system.functions.invoke(CLOCK, {})
            self._rest()
            if time.monotonic() - told > TELL_SECONDS:
                activity.tell_move(self.time.now(), target)
                told = time.monotonic()
        self._check_not_reset(resets)

    def _rest(self) -> None:
        self._system.quiesce(REST_SECONDS)

    def _first_due(self, moment: datetime) -> Due | None:
        due = first_due(self._system.aws.store(), environment.TABLE)
        return due if due and due.at <= clock.iso(moment) else None

    def _put(self, detail_type: str, detail: dict[str, Any]) -> None:
        entry: Any = {
            "EventBusName": environment.BUS,
            "Source": interface.NETWORK,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        self._system.aws.events.put_events(Entries=[entry])


def serve_sandbox(sandbox: Sandbox) -> Handler:
    """The function behind the sandbox's routes."""
    return serve({route: getattr(sandbox, route.operation) for route in SANDBOX_ROUTES})


def _api_key(client_id: str) -> str:
    return f"{client_id}-api-key"


def _report_id(key: IdempotencyKey | None) -> str:
    """A request that comes again under its key makes the same report."""
    return f"rep_{key.storage_key.pk.rpartition('#')[2]}" if key else new_id("rep")


def _require(record: object, what: str, pointer: str) -> None:
    if record is None:
        raise invalid(Fault(Code.NOT_FOUND, f"There is no such {what}.", pointer))
