"""``python -m infra.quotas <stage>``: check, before a deployment, that the account has room for what a stage reserves.

A new account has little: 10 functions at a time, where 1,000 are usual. Exit codes: 0 it has; 1 it has not; 2 unknown.
"""

import json
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.functions import RESERVING, function_name_of
from infra.names import CDK_JSON
from infra.operator.printing import print_error
from infra.stage import Stage, stage_of

UNRESERVED = 100
"""What Lambda keeps for all other functions of the account."""
CONCURRENCY = "ask for more concurrent executions (Service Quotas, AWS Lambda, L-B99A9384), or reserve less in cdk.json"
RATE = "ask for a higher throttle rate (Service Quotas, Amazon API Gateway, L-8A5B8E43), or lower the limit in cdk.json"


def main(name: str) -> int:
    """Check a stage; return the exit code."""
    stage = stage_of(json.loads(CDK_JSON.read_text())["context"]["stages"], name)
    if stage.reserved_concurrency is None:
        return 0
    try:
        found = problems(stage, boto3.client("lambda"), boto3.client("apigateway"))
    except (BotoCoreError, ClientError) as error:
        print_error(f"error: the account's quotas cannot be read: {error}")
        return 2
    for problem in found:
        print_error(problem)
    return 1 if found else 0


def problems(stage: Stage, functions: Any, gateway: Any) -> list[str]:
    """Return what the account has no room for."""
    found = []
    wanted = stage.reserved_concurrency.all_together() if stage.reserved_concurrency else 0
    room = _room(stage, functions)
    if wanted > room:
        found.append(
            f"{stage.name} reserves {wanted} concurrent executions, the account has {room} to give: {CONCURRENCY}"
        )
    allowed = gateway.get_account()["throttleSettings"]["rateLimit"]
    if stage.limit.rate > allowed:
        found.append(f"{stage.name} takes {stage.limit.rate} requests a second, the account {allowed:.0f}: {RATE}")
    return found


def _room(stage: Stage, functions: Any) -> int:
    """Return what can be reserved for the stage, which may have reserved some of it before."""
    unreserved: int = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    own = sum(_reserved_now(functions, function_name_of(stage, module)) for module in RESERVING)
    return max(unreserved + own - UNRESERVED, 0)


def _reserved_now(functions: Any, name: str) -> int:
    try:
        answer: dict[str, Any] = functions.get_function_concurrency(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return 0
    return int(answer.get("ReservedConcurrentExecutions", 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
