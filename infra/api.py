"""The REST API: routes to doors, a fallback for everything else, and limits per partner (contract §1)."""

from collections.abc import Iterator, Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.routes import ROUTES, module_of
from infra.access import Access, Permission, role
from infra.findings import accept
from infra.gateway_responses import gateway_responses
from infra.monitoring import Monitoring
from infra.rest_api import rest_api, url_of
from infra.stage import STANDARD, Stage

TOKEN_CACHE = Duration.minutes(5)


class Api(Construct):
    """The API. Functions need its address before :meth:`open` adds its methods."""

    def __init__(self, scope: Construct, *, stage: Stage, monitoring: Monitoring) -> None:
        super().__init__(scope, "Api")
        self.rest_api = rest_api(self, stage, monitoring.log_group(self))
        self.url = url_of(self.rest_api, stage)
        self.links = Access({"PUBLIC_URL": self.url})
        """For functions that write links."""
        self._keep_execution_log(stage, monitoring)
        self._answer_like_us(stage)
        self._limit(stage)
        failed = self.rest_api.metric_server_error(period=Duration.minutes(5), statistic="Sum")
        monitoring.alarm(self, failed, "The API answered with a 5xx.")

    def open(
        self, doors: Mapping[str, lambda_.IFunction], fallback: lambda_.IFunction, authorizer: lambda_.IFunction
    ) -> None:
        """Send each route to the door of its module and every other request to the fallback."""
        guarded = _guard(self, authorizer)
        calling = _caller(self, [*doors.values(), fallback])
        integrations = {module: _integration(door, calling) for module, door in doors.items()}
        for route in ROUTES:
            options = guarded if route.scope else apigateway.MethodOptions()
            resource = self.rest_api.root.resource_for_path(route.path)
            method = _add(resource, route.method, integrations[module_of(route)], options)
            if not route.scope:
                accept(method, "APIG4", "The route table opens it to everybody.")
        elsewhere = _integration(fallback, calling)
        self.rest_api.root.add_resource("{proxy+}")
        for known in _resources(self.rest_api.root):
            _add(known, "ANY", elsewhere, guarded)

    def _keep_execution_log(self, stage: Stage, monitoring: Monitoring) -> None:
        """Create the log group that API Gateway would otherwise create itself and keep forever."""
        name = f"API-Gateway-Execution-Logs_{self.rest_api.rest_api_id}/{stage.name}"
        log_group = monitoring.log_group(Construct(self, "Execution"), name)
        self.rest_api.deployment_stage.node.add_dependency(log_group)

    def _answer_like_us(self, stage: Stage) -> None:
        for response in gateway_responses(stage.tiers[STANDARD]):
            self.rest_api.add_gateway_response(
                response.kind.response_type,
                type=response.kind,
                status_code=str(response.status),
                response_headers=response.all_headers(),
                templates={"application/json": response.body()},
            )

    def _limit(self, stage: Stage) -> None:
        """Limit each partner: its API key belongs to one usage plan, whose limits apply to each key separately."""
        for name, tier in stage.tiers.items():
            self.rest_api.add_usage_plan(
                f"Tier-{name}",
                name=stage.named(name),
                throttle=apigateway.ThrottleSettings(rate_limit=tier.rate, burst_limit=tier.burst),
                api_stages=[apigateway.UsagePlanPerApiStage(stage=self.rest_api.deployment_stage)],
            )


def _guard(scope: Construct, authorizer: lambda_.IFunction) -> apigateway.MethodOptions:
    """Require a valid token, and the API key that the authorizer returns for the partner."""
    tokens = apigateway.TokenAuthorizer(scope, "Authorizer", handler=authorizer, results_cache_ttl=TOKEN_CACHE)
    return apigateway.MethodOptions(
        authorizer=tokens, authorization_type=apigateway.AuthorizationType.CUSTOM, api_key_required=True
    )


def _caller(scope: Construct, functions: Sequence[lambda_.IFunction]) -> iam.IRole:
    """Return the role with which the API calls its functions: one role needs fewer resources than a permission each."""
    arns = tuple(function.function_arn for function in functions)
    return role(scope, "apigateway.amazonaws.com", [Permission(("lambda:InvokeFunction",), arns)])


def _integration(function: lambda_.IFunction, caller: iam.IRole) -> apigateway.AwsIntegration:
    return apigateway.AwsIntegration(
        service="lambda",
        proxy=True,
        path=f"2015-03-31/functions/{function.function_arn}/invocations",
        options=apigateway.IntegrationOptions(credentials_role=caller),
    )


def _add(
    resource: apigateway.IResource,
    method: str,
    integration: apigateway.AwsIntegration,
    options: apigateway.MethodOptions,
) -> apigateway.Method:
    return resource.add_method(
        method,
        integration,
        authorizer=options.authorizer,
        authorization_type=options.authorization_type,
        api_key_required=options.api_key_required,
    )


def _resources(root: apigateway.IResource) -> Iterator[apigateway.IResource]:
    yield root
    for construct in root.node.find_all():
        if isinstance(construct, apigateway.Resource):
            yield construct
