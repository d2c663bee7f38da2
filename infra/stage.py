"""The settings of a stage, from the context of cdk.json."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, Self

from aws_cdk import RemovalPolicy
from aws_cdk.aws_logs import RetentionDays
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from functions.identity.clients import STANDARD
from infra.names import stack_name

MAX_NAME = 14
"""With a longer one, the longest function's name would have more than the 64 characters that Lambda takes."""
NOBODY = (
    "nobody is told of its alarms: set alarm_email to an address, or alarm_topic to the ARN of an SNS topic"
    ' (or "alarms": false for a stage without alarms)'
)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tier(_Settings):
    """The rate limit of a partner: requests per second, and burst."""

    rate: PositiveInt
    burst: PositiveInt


class HostedZone(_Settings):
    """The Route 53 zone for the API's DNS record."""

    id: str
    name: str


class Domain(_Settings):
    """The API's own domain name; without a hosted zone, its DNS record is created elsewhere."""

    name: str
    certificate_arn: str
    hosted_zone: HostedZone | None = None


class Issuer(_Settings):
    """An OIDC issuer whose tokens are accepted instead of Cognito's."""

    issuer: str = Field(pattern="^https://")
    jwks_url: str = Field(pattern="^https://")
    token_url: str = Field(pattern="^https://")
    audience: str = ""
    """Whom a token must be for; without it, a token must not name anybody."""
    client_claim: str = "client_id"
    scope_claim: str = "scope"


class Firewall(_Settings):
    """A web application firewall: AWS's rules for known attacks, and a limit for each address."""

    requests_per_five_minutes: int = Field(ge=10)


class Reserved(_Settings):
    """How many of a function run at a time, at most; the account keeps as many for it, whatever else runs."""

    authorizer: PositiveInt
    execution_task: PositiveInt
    stream: PositiveInt
    clock: PositiveInt

    def all_together(self) -> int:
        """Return what the account must have for them."""
        return self.authorizer + self.execution_task + self.stream + self.clock


class Stage(_Settings):
    """One installation of the whole system."""

    name: str = Field(pattern="^[a-z][a-z0-9-]*$", max_length=MAX_NAME)
    keep_data: bool
    """Whether the table, the partners' clients and the logs are kept when the stack is deleted."""
    log_retention: RetentionDays
    network: Literal["simulated", "external"]
    """``external``: the operator's own rule on the network's bus receives what the mobile network is asked."""
    network_account: str | None = Field(None, pattern="^[0-9]{12}$")
    """The AWS account of an external network, which alone may then speak as the network."""
    tiers: Mapping[str, Tier]
    """The usage plans of the API; ``standard`` has the limits of the contract."""
    memory: int = Field(default=1024, ge=128, le=10240)
    """Megabytes of each function, and with them its share of a processor."""
    snap_start: Literal["none", "orders", "all"] = "none"
    """Which functions start from a snapshot, paid for by the hour: those that an order passes, or all doors."""
    canary: bool = False
    """Whether a new version of the order doors takes over step by step, and goes back if an alarm rings."""
    limit: Tier = Tier(rate=1000, burst=2000)
    """What all callers together may send to each method."""
    reserved_concurrency: Reserved | None = None
    """Without it, a flood of one kind of work can hold up the others."""
    firewall: Firewall | None = None
    domain: Domain | None = None
    identity: Issuer | None = None
    restoring: Literal["removed", "imported"] | None = None
    """While a restored table takes the place of the stack's own (docs/restore.md)."""
    alarms: bool = True
    """Whether there are alarms and a dashboard, and somebody is told."""
    alarm_email: str | None = None
    alarm_topic: str | None = Field(default=None, pattern="^arn:[^:]+:sns:")
    """An SNS topic that alarms notify in place of the stage's own."""
    low_esim_stock: PositiveInt = 100
    """An alarm rings when a partner has fewer eSIMs in stock."""

    @property
    def removal_policy(self) -> RemovalPolicy:
        """Return what happens to data with the stack; a first deployment that fails leaves nothing in either case."""
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.keep_data else RemovalPolicy.DESTROY

    @property
    def prefix(self) -> str:
        """Return what the stage's names begin with."""
        return stack_name(self.name)

    def named(self, name: str) -> str:
        """Return a name that no other stage of the account has."""
        return f"{self.prefix}-{name}"

    @model_validator(mode="after")
    def _has_one_network(self) -> Self:
        if self.network_account and self.network != "external":
            raise ValueError("only an external network has an account")
        return self

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if self.alarms and not (self.alarm_email or self.alarm_topic):
            raise ValueError(NOBODY)
        return self

    @field_validator("tiers")
    @classmethod
    def _has_standard(cls, tiers: Mapping[str, Tier]) -> Mapping[str, Tier]:
        if STANDARD not in tiers:
            raise ValueError(f"there must be the tier {STANDARD!r}")
        return tiers


class WrongStage(ValueError):
    """The stage is unknown or malformed, or nobody is told of its alarms. Its text says what to set, in a line."""


def stage_of(stages: Mapping[str, Any], name: str, more: Mapping[str, Any] = MappingProxyType({})) -> Stage:
    """Return a stage's settings from those of all, and ``more`` of them. Raise :class:`WrongStage`."""
    if name not in stages:
        raise WrongStage(f"cdk.json has no stage {name!r}; its stages are {', '.join(stages)}.")
    try:
        return Stage.model_validate({"name": name, **stages[name], **more})
    except ValidationError as error:
        raise WrongStage(f"cdk.json, stage {name!r}: {'; '.join(map(_fault, error.errors()))}.") from None


def _fault(fault: Any) -> str:
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else str(fault["msg"]).removeprefix("Value error, ")
