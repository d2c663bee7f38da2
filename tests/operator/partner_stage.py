"""A stage whose gateway and user pool are moto's, and the commands about its partners."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import get_ident
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.client import BaseClient

from functions.identity.authorizer import handler
from functions.identity.tokens import Unauthorized
from functions.routes import SCOPES
from infra.local.environment import CLIENTS, REGION, TABLE
from infra.local.system import System
from infra.operator import deployed
from infra.operator.__main__ import main
from infra.operator.partners import changes, entry, records
from infra.operator.partners.records import Partner

Capture = pytest.CaptureFixture[str]
STAGE = "dev"
TIERS = ("standard", "gold")
METHOD_ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc/dev/GET/orders"
SERVICES = {"cognito-idp", "api-gateway", "apigateway", "dynamodb"}


class Stopped(BaseException):
    """The process ends here."""


class PartnerStage:
    """The stage ``dev``; each partner of a test has a name of its own."""

    def __init__(self) -> None:
        self.cognito: Any = boto3.client("cognito-idp", region_name=REGION)
        self.gateway: Any = boto3.client("apigateway", region_name=REGION)
        self.pool_id: str = self.cognito.create_user_pool(PoolName="partners")["UserPool"]["Id"]
        self.plans = {tier: self._plan(tier) for tier in TIERS}

    def _plan(self, tier: str) -> str:
        return str(self.gateway.create_usage_plan(name=f"mobile-orders-{STAGE}-{tier}")["id"])

    def outputs(self) -> dict[str, str]:
        """What its stack says."""
        tables = {"TableName": TABLE, "ClientsTableName": CLIENTS}
        return tables | {"SealingKeyArn": "alias/sealing", "UserPoolId": self.pool_id}

    def clients_of(self, name: str) -> list[dict[str, Any]]:
        """Its clients in the pool."""
        pages = self.cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=self.pool_id)
        ids = [
            each["ClientId"]
            for page in pages
            for each in page["UserPoolClients"]
            if each["ClientName"].startswith(f"{name}.")
        ]
        described = (self.cognito.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=each) for each in ids)
        return [each["UserPoolClient"] for each in described]

    def keys_of(self, name: str) -> list[dict[str, Any]]:
        """Its API keys, each with the tiers that limit it."""
        prefix = f"mobile-orders-{STAGE}-{name}."
        keys = self.gateway.get_api_keys(nameQuery=prefix, includeValues=True)["items"]
        return [key | {"tiers": [tier for tier in TIERS if self._limits(tier, key["id"])]} for key in keys]

    def _limits(self, tier: str, key_id: str) -> bool:
        keys = self.gateway.get_usage_plan_keys(usagePlanId=self.plans[tier])["items"]
        return key_id in {key["id"] for key in keys}


def new_name() -> str:
    """A name that no partner has."""
    return f"p-{uuid4()}"


def run(action: str, name: str, *more: str) -> int:
    """One command, as an operator types it."""
    return main(["partner", action, "--stage", STAGE, "--partner", name, *more])


def added(*more: str) -> str:
    """A new partner."""
    name = new_name()
    assert run("add", name, *more) == 0
    return name


def kept(name: str) -> Partner:
    """What is kept of the partner."""
    partner = records.read(name)
    assert partner is not None
    return partner


def asked(system: System, client_id: str) -> dict[str, str]:
    """What the authorizer answers a token of this client."""
    token = system.identity.issue(client_id, SCOPES)
    answer = handler({"authorizationToken": f"Bearer {token}", "methodArn": METHOD_ARN}, None)
    return {"key": answer["usageIdentifierKey"], **answer["context"]}


def is_refused(system: System, client_id: str) -> bool:
    """Whether the authorizer accepts no token of this client."""
    try:
        asked(system, client_id)
    except Unauthorized:
        return True
    return False


@contextmanager
def stopped(at: int) -> Iterator[None]:
    """End the process after the effect of the call of AWS with this number; what the system calls does not count."""
    number, call, mine = count(), vars(BaseClient)["_make_api_call"], get_ident()

    def cut(client: Any, *arguments: Any) -> Any:
        answer = call(client, *arguments)
        asked = get_ident() == mine and client.meta.service_model.service_name in SERVICES
        if asked and next(number) == at:
            raise Stopped
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", cut)
        yield


@contextmanager
def recorded() -> Iterator[dict[str, set[str]]]:
    """What of each service the command calls, and not the system beside it."""
    calls: dict[str, set[str]] = defaultdict(set)
    call, mine = vars(BaseClient)["_make_api_call"], get_ident()

    def record(client: Any, operation: str, *arguments: Any) -> Any:
        if get_ident() == mine:
            calls[client.meta.service_model.service_name].add(operation)
        return call(client, operation, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", record)
        yield calls


def terminal(*, is_one: bool) -> Any:
    """What stands for ``sys`` where secrets are shown."""
    return SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: is_one))


@contextmanager
def on(stage: PartnerStage) -> Iterator[PartnerStage]:
    """Take this for the deployed stage; nobody waits, and the terminal is one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployed, "outputs", lambda _stack: stage.outputs())
        patch.setattr(changes, "sleep", lambda _seconds: None)
        patch.setattr(entry, "sys", terminal(is_one=True))
        yield stage


ALL = {*SCOPES}
