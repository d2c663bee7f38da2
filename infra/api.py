"""The REST API: its methods (infra/gateway_body.py), and limits per partner (contract §1)."""

import json
from collections.abc import Iterable
from typing import cast

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from functions.routes import ROUTES, module_of
from infra.access import Access, Permission, role
from infra.data import Data
from infra.functions import function_arn
from infra.gateway_body import AUTHORIZER, NOT_FOUND, Backend
from infra.monitoring import Monitoring
from infra.rest_api import rest_api, url_of
from infra.stage import Stage


class Api(Construct):
    """The API. Functions need its address, so it names them before they exist."""

    def __init__(self, scope: Construct, *, stage: Stage, data: Data, monitoring: Monitoring) -> None:
        super().__init__(scope, "Api")
        modules = (*map(module_of, ROUTES), NOT_FOUND, AUTHORIZER)
        arns = {module: function_arn(stage, module) for module in modules}
        self._caller = _caller(self, tuple(arns.values()))
        backend = Backend({module: _invocations(arn) for module, arn in arns.items()}, self._caller.role_arn)
        access_log = logs.LogGroup.from_log_group_name(self, "Logs", data.access_log)
        self.rest_api = rest_api(self, stage, access_log, backend)
        self.url = url_of(self.rest_api, stage)
        self.links = Access({"PUBLIC_URL": self.url})
        """For functions that write links."""
        self.rates = Access({"TIER_RATES": json.dumps({name: tier.rate for name, tier in stage.tiers.items()})})
        """For the authorizer, which says what each partner's limit is."""
        self._keep_execution_log(stage)
        self._limit(stage)
        failed = self.rest_api.metric_server_error()
        monitoring.watch("api-failing", failed)

    def open(self, functions: Iterable[IDependable]) -> None:
        """Let no request in before all functions exist."""
        deployment = cast("apigateway.Deployment", self.rest_api.latest_deployment)
        deployment.node.add_dependency(self._caller, *functions)

    def _keep_execution_log(self, stage: Stage) -> None:
        """Create the log group that API Gateway would otherwise create itself and keep forever.

        It belongs to this API, whose id it has in its name, and so not to the stack of what stays.
        """
        log_group = logs.LogGroup(
            self,
            "ExecutionLogs",
            log_group_name=f"API-Gateway-Execution-Logs_{self.rest_api.rest_api_id}/{stage.name}",
            retention=stage.log_retention,
            removal_policy=stage.removal_policy,
        )
        self.rest_api.deployment_stage.node.add_dependency(log_group)

    def _limit(self, stage: Stage) -> None:
        """Limit each partner: its API key belongs to one usage plan, whose limits apply to each key separately."""
        for name, tier in stage.tiers.items():
            self.rest_api.add_usage_plan(
                f"Tier-{name}",
                name=stage.named(name),
                throttle=apigateway.ThrottleSettings(rate_limit=tier.rate, burst_limit=tier.burst),
                api_stages=[apigateway.UsagePlanPerApiStage(stage=self.rest_api.deployment_stage)],
            )


def _caller(scope: Construct, arns: tuple[str, ...]) -> iam.IRole:
    """Return the role with which the API calls its functions: one role needs fewer resources than a permission each."""
    return role(scope, "apigateway.amazonaws.com", [Permission(("lambda:InvokeFunction",), arns)])


def _invocations(function_arn: str) -> str:
    """Return the address under which API Gateway calls a function."""
    service = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31"
    return f"{service}/functions/{function_arn}/invocations"
