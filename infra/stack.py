"""The stack of what a stage does, on top of that of what it keeps (infra/data.py)."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.routes import ROUTES, Route, module_of
from functions.shared.idempotency import METHODS
from infra.access import Access
from infra.api import Api
from infra.bundling import DOCUMENTS
from infra.bus import NETWORK_ANSWERS, NETWORK_REPORTS, SIMULATED_NETWORK, Rule
from infra.buses import NetworkBus, PartnersBus
from infra.canary import Canary
from infra.data import Data
from infra.events import Clock, Failures
from infra.functions import DOOR, Functions, role_of
from infra.gateway_body import AUTHORIZER, NOT_FOUND
from infra.lifecycle import Lifecycle
from infra.monitoring import Monitoring
from infra.names import system_name
from infra.stage import Stage
from infra.stream import Stream
from infra.table import throttled
from infra.webhooks import SENDER, SENDS_WITHIN, Webhooks

PATIENCE = Access({"NETWORK_TIMEOUT_SECONDS": "900"})
"""How long the mobile network may take to answer."""
SLOWNESS = Access({"SLOW_NETWORK_SECONDS": "5"})
"""How long the simulated network takes for ``network_takes_5s`` (contract §9)."""
HORIZON = Access({"LOG_HORIZON_SECONDS": "20"})
"""How old an event is before consumers of the log read past it (contract §8); see ``COMMIT_WITHIN``."""
PROMISE = Access({"EXPECTED_WITHIN_SECONDS": "300"})
"""How long fulfilling may take before an order is late (contract §2, ``expected_by``)."""
PUBLISHED = Access({"DOCUMENTS": f"/var/task/{DOCUMENTS}"})
"""Where a function finds the documents that the API serves about itself."""
REACH = Access({"ALLOW_PRIVATE_WEBHOOKS": "false"})
"""Where webhooks may lead to (contract §8, URLs)."""
SEARCHING = {"subscribers.read", "subscribers.write", "subscriptions.read"}
"""The doors that write or look for keys of personal data."""
STEP = Duration.seconds(10)


class OrderSystem(Stack):
    """The system that accepts and fulfils partners' orders."""

    def __init__(self, scope: Construct, stage: Stage, data: Data) -> None:
        super().__init__(scope, system_name(stage.name), termination_protection=stage.keep_data)
        self.add_stack_dependency(data, "It holds what this stack uses.")
        self._stage = stage
        self._data = data
        self._table = data.table
        self._monitoring = Monitoring(self, stage=stage, alarms=data.alarms)
        self._watch_tables()
        self._functions = Functions(self, stage=stage, data=data, monitoring=self._monitoring)
        self._bus = PartnersBus(self, name=data.bus)
        self._network = NetworkBus(self, name=data.network_bus)
        self._webhooks = Webhooks(self, monitoring=self._monitoring)
        self._api = Api(self, stage=stage, data=data, monitoring=self._monitoring)
        self._lifecycle = self._add_lifecycle()
        self._add_stream()
        self._add_network()
        self._add_clock()
        self._open_api()
        self._monitoring.finish()
        CfnOutput(self, "ApiUrl", value=self._api.url)

    def _watch_tables(self) -> None:
        clients = throttled(self._data.clients.reading.settings["CLIENTS_TABLE_NAME"])
        self._monitoring.watch("table-throttled", *self._table.throttled(), *clients)

    def _add_lifecycle(self) -> Lifecycle:
        table = self._table
        access = (table.writing, table.stock, self._data.search, self._api.links, PATIENCE)
        task = self._functions.worker("functions.orders.execution_task", *access, timeout=STEP)
        return Lifecycle(
            self, stage=self._stage, task=task, network=self._network, data=self._data, monitoring=self._monitoring
        )

    def _add_stream(self) -> None:
        stream = Stream(self, failed_changes=self._data.failed_changes, monitoring=self._monitoring)
        reading = (self._table.writing, self._table.following, stream.failing, stream.setting_aside)
        telling = (self._bus.publishing, self._network.asking, self._webhooks.queueing)
        access = (*reading, *telling, self._table.stock, self._lifecycle.executing, self._api.links, PROMISE)
        changes = self._functions.worker("functions.events.changes", *access, timeout=Duration.seconds(30))
        self._bus.reserve(role_of(changes))
        self._network.reserve(role_of(changes), self._lifecycle.role)
        stream.feed(changes, self._table)

    def _add_network(self) -> None:
        """Add the network's functions; for an external network the operator's own rule replaces the simulated one."""
        access = (self._table.writing, self._lifecycle.answering, self._api.links)
        self._listen(NETWORK_ANSWERS, *access, timeout=Duration.seconds(30))
        self._listen(NETWORK_REPORTS, self._table.writing, self._api.links, timeout=Duration.seconds(30))
        if self._stage.network == "simulated":
            answering = self._network.answering
            network = self._listen(SIMULATED_NETWORK, answering, SLOWNESS, timeout=Duration.seconds(30))
            self._network.answered_by(role_of(network))
        elif self._stage.network_account:
            self._network.answered_from(self._stage.network_account)

    def _add_clock(self) -> None:
        failures = Failures(self, "clock", monitoring=self._monitoring)
        table, lifecycle = self._table, self._lifecycle
        records = (table.writing, table.due, table.putting_off, lifecycle.executing, lifecycle.undoing)
        access = (*records, self._api.links, self._webhooks.queueing, PROMISE, failures.sending)
        clock = self._functions.worker("functions.events.clock", *access, timeout=Duration.seconds(50))
        Clock(self, function=clock, failures=failures)

    def _open_api(self) -> None:
        access = (self._data.clients.reading, self._data.identity.trusted, self._api.rates)
        authorizer = self._functions.worker(AUTHORIZER, *access, timeout=Duration.seconds(10))
        doors = {
            module: self._functions.door(
                module, *self._needs(routes), timeout=SENDS_WITHIN if module == SENDER else DOOR
            )
            for module, routes in _doors().items()
        }
        self._webhooks.feed(doors[SENDER])
        fallback = self._functions.door(NOT_FOUND, self._table.known, self._api.links)
        self._api.open([*doors.values(), fallback, authorizer])
        if self._stage.canary:
            Canary(self, stage=self._stage, doors=doors, api=self._api.rest_api)

    def _needs(self, routes: Sequence[Route]) -> list[Access]:
        """Return what the operations of a door touch; one that needs no token touches nothing."""
        if routes[0].module == "health":
            return []
        needs = [self._table.known, self._api.links]
        if any(route.method in METHODS for route in routes):
            needs += [self._table.writing]
        if any(route.method == "GET" and route.scope for route in routes):
            needs += [self._table.reading]
        if any(route.operation.startswith("list_") for route in routes):
            needs += [self._table.listing, self._data.cursors]
        if any(route.module in SEARCHING for route in routes):
            needs += [self._data.search]
        return needs + self._special_needs(routes[0].module)

    def _special_needs(self, module: str) -> list[Access]:
        """Return what a single door touches."""
        webhooks, sealing = self._webhooks, self._data.sealing
        sends = [self._table.listing, webhooks.queueing, webhooks.taking, sealing.opening_webhooks, REACH, PUBLISHED]
        return {
            "about": [PUBLISHED, self._data.identity.issuing],
            "events.read": [HORIZON],
            "orders.actions": [PROMISE],
            "sim_profiles.read_secret_codes": [sealing.opening_codes],
            "webhooks.redeliver": [self._table.counting],
            "webhooks.send": sends,
            "webhooks.write": [sealing.sealing_webhooks, sealing.remembering, REACH],
        }.get(module, [])

    def _listen(self, rule: Rule, *access: Access, timeout: Duration) -> lambda_.IFunction:
        failures = Failures(self, rule.name, monitoring=self._monitoring)
        function = self._functions.worker(rule.module, *access, failures.sending, timeout=timeout)
        self._network.route(rule, function, failures)
        return function


def _doors() -> dict[str, list[Route]]:
    """Return the routes of each door."""
    return {module: [route for route in ROUTES if module_of(route) == module] for module in map(module_of, ROUTES)}
