"""The REST API: routes to doors, everything else to one fallback, limits per partner (contract §1)."""

import json
from collections.abc import Iterator, Mapping

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from functions.routes import ROUTES, module_of
from infra.access import Access
from infra.findings import accept
from infra.gateway_responses import gateway_responses
from infra.monitoring import Monitoring
from infra.stage import STANDARD, Domain, Stage

TOKEN_CACHE = Duration.minutes(5)
ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "partner": "$context.authorizer.partner",
    "error": "$context.error.responseType",
    "milliseconds": "$context.responseLatency",
    "trace": "$context.xrayTraceId",
}
"""Neither address nor agent nor path: an id in a path may be anything that somebody typed."""


class Api(Construct):
    """The API. It is known to functions by its address before :meth:`open` gives it its methods."""

    def __init__(self, scope: Construct, *, stage: Stage, monitoring: Monitoring) -> None:
        super().__init__(scope, "Api")
        self.rest_api = _rest_api(self, stage, monitoring.log_group(self))
        self.url = _url(self.rest_api, stage)
        self.links = Access({"PUBLIC_URL": self.url})
        """For whoever writes links."""
        self._keep_execution_log(stage, monitoring)
        self._answer_like_us(stage)
        self._limit(stage)
        if stage.domain:
            _name(self, self.rest_api, stage.domain)
        failed = self.rest_api.metric_server_error(period=Duration.minutes(5), statistic="Sum")
        monitoring.alarm(self, failed, "The API answered with a 5xx.")

    def open(
        self, doors: Mapping[str, lambda_.IFunction], fallback: lambda_.IFunction, authorizer: lambda_.IFunction
    ) -> None:
        """Send each route to the door of its module and every other request to the fallback."""
        guarded = _guard(self, authorizer)
        integrations = {module: _integration(door) for module, door in doors.items()}
        for route in ROUTES:
            options = guarded if route.scope else apigateway.MethodOptions()
            resource = self.rest_api.root.resource_for_path(route.path)
            method = _add(resource, route.method, integrations[module_of(route)], options)
            if not route.scope:
                accept(method, "APIG4", "The route table opens it to everybody.")
        elsewhere = _integration(fallback)
        self.rest_api.root.add_resource("{proxy+}")
        for known in _resources(self.rest_api):
            _add(known, "ANY", elsewhere, guarded)

    def _keep_execution_log(self, stage: Stage, monitoring: Monitoring) -> None:
        """API Gateway would make this log group by itself and keep it for ever."""
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
        """Each partner's API key belongs to one plan and has its limits for itself."""
        for name, tier in stage.tiers.items():
            self.rest_api.add_usage_plan(
                f"Tier-{name}",
                name=stage.named(name),
                throttle=apigateway.ThrottleSettings(rate_limit=tier.rate, burst_limit=tier.burst),
                api_stages=[apigateway.UsagePlanPerApiStage(stage=self.rest_api.deployment_stage)],
            )


def _rest_api(scope: Construct, stage: Stage, access_log: logs.LogGroup) -> apigateway.RestApi:
    rest_api = apigateway.RestApi(
        scope,
        "RestApi",
        rest_api_name=stage.named("api"),
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        api_key_source_type=apigateway.ApiKeySourceType.AUTHORIZER,
        binary_media_types=["*/*"],
        # A setting of the whole account and region, so it stays when a stage goes.
        cloud_watch_role=True,
        cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
        disable_execute_api_endpoint=stage.domain is not None,
        domain_name=_domain_name(scope, stage.domain) if stage.domain else None,
        deploy_options=apigateway.StageOptions(
            stage_name=stage.name,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            tracing_enabled=True,
        ),
    )
    rest_api.node.try_remove_child("Endpoint")
    _accept_findings(rest_api)
    return rest_api


def _url(rest_api: apigateway.RestApi, stage: Stage) -> str:
    """From the API's id alone: its stage's own address would make functions and methods wait for each other."""
    if stage.domain:
        return f"https://{stage.domain.name}"
    return f"https://{rest_api.rest_api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{stage.name}"


def _domain_name(scope: Construct, domain: Domain) -> apigateway.DomainNameOptions:
    return apigateway.DomainNameOptions(
        domain_name=domain.name,
        certificate=acm.Certificate.from_certificate_arn(scope, "Certificate", domain.certificate_arn),
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
    )


def _name(scope: Construct, rest_api: apigateway.RestApi, domain: Domain) -> None:
    if domain.hosted_zone is None:
        return
    zone = route53.HostedZone.from_hosted_zone_attributes(
        scope, "Zone", hosted_zone_id=domain.hosted_zone.id, zone_name=domain.hosted_zone.name
    )
    alias = route53.RecordTarget.from_alias(targets.ApiGateway(rest_api))
    route53.ARecord(scope, "Address", zone=zone, record_name=f"{domain.name}.", target=alias)


def _guard(scope: Construct, authorizer: lambda_.IFunction) -> apigateway.MethodOptions:
    """A valid token, and the API key that the authorizer names for its partner."""
    tokens = apigateway.TokenAuthorizer(scope, "Authorizer", handler=authorizer, results_cache_ttl=TOKEN_CACHE)
    return apigateway.MethodOptions(
        authorizer=tokens, authorization_type=apigateway.AuthorizationType.CUSTOM, api_key_required=True
    )


def _integration(function: lambda_.IFunction) -> apigateway.LambdaIntegration:
    """One permission per function, not two per method: the stack has a limit of resources."""
    return apigateway.LambdaIntegration(function, scope_permission_to_method=False)


def _add(
    resource: apigateway.IResource,
    method: str,
    integration: apigateway.LambdaIntegration,
    options: apigateway.MethodOptions,
) -> apigateway.Method:
    return resource.add_method(
        method,
        integration,
        authorizer=options.authorizer,
        authorization_type=options.authorization_type,
        api_key_required=options.api_key_required,
    )


def _resources(rest_api: apigateway.RestApi) -> Iterator[apigateway.IResource]:
    yield rest_api.root
    for construct in rest_api.root.node.find_all():
        if isinstance(construct, apigateway.Resource):
            yield construct


def _accept_findings(rest_api: apigateway.RestApi) -> None:
    accept(rest_api, "APIG2", "The doors check size, type, shape and rules, and name every fault at once (contract).")
    accept(rest_api, "APIG3", "Known partners with tokens and limits each; a firewall is the account's own choice.")
    accept(rest_api, "COG4", "The Lambda authorizer checks the token and maps the client to its partner and API key.")
    accept(
        rest_api,
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        "The policy that API Gateway documents for the account's log role.",
    )
