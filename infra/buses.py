"""The event buses, and who may say what on them.

Partners' events have a bus of their own, to which the operator connects what it likes. The other bus is the mobile
network's alone: who reads there learns SIMs and reply tokens, and who speaks there completes orders.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.network.interface import NETWORK, ORDERS
from infra.access import Access, Permission
from infra.bus import FUNCTION_RETRIES, Rule
from infra.events import Failures

PUT = "events:PutEvents"
RETRIES = 8
MAX_DELIVERY_AGE = Duration.hours(6)


class PartnersBus(Construct):
    """The bus of partners' events."""

    def __init__(self, scope: Construct, *, name: str) -> None:
        super().__init__(scope, "Bus")
        self._bus = events.EventBus.from_event_bus_name(self, "Bus", name)
        self.publishing = _speaking(self._bus, ORDERS, "BUS_NAME")

    def reserve(self, publisher: iam.IRole) -> None:
        """Let nobody else publish as the order system."""
        _reserve(self, self._bus, ORDERS, _other_roles(publisher))


class NetworkBus(Construct):
    """The bus of requests to and answers from the mobile network."""

    def __init__(self, scope: Construct, *, name: str) -> None:
        super().__init__(scope, "NetworkBus")
        self.bus = events.EventBus.from_event_bus_name(self, "Bus", name)
        self.asking = _speaking(self.bus, ORDERS, "NETWORK_BUS_NAME")
        """For what asks the network."""
        self.answering = _speaking(self.bus, NETWORK, "NETWORK_BUS_NAME")
        """For the simulated network."""

    def route(self, rule: Rule, function: lambda_.Alias, failures: Failures) -> None:
        """Let the rule's events invoke the function."""
        target = targets.LambdaFunction(
            function, dead_letter_queue=failures.queue, retry_attempts=RETRIES, max_event_age=MAX_DELIVERY_AGE
        )
        pattern = events.EventPattern(source=[rule.source], detail_type=list(rule.detail_types))
        made = events.Rule(self, rule.name, event_bus=self.bus, event_pattern=pattern, targets=[target])
        failures.catch(function, retries=FUNCTION_RETRIES)
        failures.watch(made, bus=self.bus)

    def reserve(self, *askers: iam.IRole) -> None:
        """Let nobody else ask the network as the order system."""
        _reserve(self, self.bus, ORDERS, _other_roles(*askers))

    def answered_by(self, role: iam.IRole) -> None:
        """Let nobody but the role speak as the network."""
        _reserve(self, self.bus, NETWORK, _other_roles(role))

    def answered_from(self, account: str) -> None:
        """Let the account, and nobody else, speak as the network."""
        allowed = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{Aws.PARTITION}:iam::{account}:root"},
            "Condition": {"StringEquals": {"events:source": NETWORK}},
        }
        _policy(self, self.bus, "network-account", allowed)
        _reserve(self, self.bus, NETWORK, {"StringNotEquals": {"aws:PrincipalAccount": account}})


def _speaking(bus: events.IEventBus, source: str, setting: str) -> Access:
    """Return the access of who puts events of one source on a bus."""
    only = {"StringEquals": {"events:source": source}}
    return Access({setting: bus.event_bus_name}, (Permission((PUT,), (bus.event_bus_arn,), conditions=only),))


def _other_roles(*roles: iam.IRole) -> dict[str, Any]:
    arns: Sequence[str] = [role.role_arn for role in roles]
    return {"ArnNotEquals": {"aws:PrincipalArn": arns}}


def _reserve(scope: Construct, bus: events.IEventBus, source: str, others: Mapping[str, Any]) -> None:
    """Deny a source to others, whatever their own policies allow."""
    condition = {"StringEquals": {"events:source": source}, **others}
    _policy(scope, bus, f"only-{source}", {"Effect": "Deny", "Principal": "*", "Condition": condition})


def _policy(scope: Construct, bus: events.IEventBus, name: str, statement: Mapping[str, Any]) -> None:
    events.CfnEventBusPolicy(
        scope,
        name,
        event_bus_name=bus.event_bus_name,
        statement_id=name,
        statement={"Sid": name, "Action": PUT, "Resource": bus.event_bus_arn, **statement},
    )
