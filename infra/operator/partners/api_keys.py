"""API keys, by which API Gateway limits each partner. A name finds what an interrupted command has made."""

from functools import cache
from typing import Any, NamedTuple

import boto3

from infra.names import stack_name
from infra.operator.deployed import NotDeployed
from infra.operator.partners.sent_once import SENT_ONCE


class ApiKey(NamedTuple):
    """An API key; partners never see its value."""

    id: str
    value: str
    new: bool = False
    """Whether this process has made it."""


class ApiKeys:
    """The API keys of a stage's partners."""

    def __init__(self, stage: str) -> None:
        self._prefix = stack_name(stage)

    def ensure(self, name: str, tier: str) -> ApiKey:
        """Return the key of this name in the tier's usage plan alone, which is made if it is not there.

        Raise :class:`NotDeployed` if the stage has no such plan.
        """
        plan = self._plan(tier)
        key = self._find(f"{self._prefix}-{name}") or _create(f"{self._prefix}-{name}")
        plans = {each["id"] for each in _gateway().get_usage_plans(keyId=key.id).get("items", ())}
        for other in plans - {plan}:
            _gateway().delete_usage_plan_key(usagePlanId=other, keyId=key.id)
        if plan not in plans:
            _gateway().create_usage_plan_key(usagePlanId=plan, keyId=key.id, keyType="API_KEY")
        return key

    def delete(self, key_id: str) -> None:
        """Delete the key, unless that has been done."""
        gateway = _gateway()
        try:
            gateway.delete_api_key(apiKey=key_id)
        except gateway.exceptions.NotFoundException:
            return

    def _plan(self, tier: str) -> str:
        name = f"{self._prefix}-{tier}"
        pages = _gateway().get_paginator("get_usage_plans").paginate()
        for plan in (each for page in pages for each in page.get("items", ())):
            if plan["name"] == name:
                return str(plan["id"])
        raise NotDeployed(f"the stage has no usage plan {name}: deploy it with the tier {tier!r} in cdk.json first")

    def _find(self, name: str) -> ApiKey | None:
        pages = _gateway().get_paginator("get_api_keys").paginate(nameQuery=name, includeValues=True)
        named = (each for page in pages for each in page.get("items", ()) if each["name"] == name)
        return next((ApiKey(each["id"], each["value"]) for each in named), None)


def _create(name: str) -> ApiKey:
    made = _gateway().create_api_key(name=name, enabled=True)
    return ApiKey(made["id"], made["value"], new=True)


@cache
def _gateway() -> Any:
    return boto3.client("apigateway", config=SENT_ONCE)
