"""API Gateway's REST API: its import, stage, logs, TLS and domain name."""

import json
from typing import cast

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from functions.identity.clients import STANDARD
from functions.routes import ROUTES
from infra.findings import accept
from infra.firewall import WebFirewall
from infra.gateway_body import Backend, Settings, document
from infra.stage import Domain, HostedZone, Stage

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "partner": "$context.authorizer.partner",
    "client": "$context.authorizer.principalId",
    "error": "$context.error.responseType",
    "milliseconds": "$context.responseLatency",
}
"""Without address, agent and path: an id in a path could be any text."""


TLS = apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09
"""TLS 1.2 with forward secrecy or 1.3, with post-quantum key exchange for clients that offer it."""
ENDPOINT_ACCESS = apigateway.EndpointAccessMode.STRICT


def rest_api(scope: Construct, stage: Stage, access_log: logs.ILogGroup, backend: Backend) -> apigateway.SpecRestApi:
    """Return the stage's REST API, under its own domain name if it has one."""
    settings = _settings(stage)
    api = apigateway.SpecRestApi(
        scope,
        "Gateway",
        rest_api_name=settings.name,
        api_definition=apigateway.ApiDefinition.from_inline(document(backend, settings)),
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        parameters={"endpointConfigurationTypes": apigateway.EndpointType.REGIONAL.value},
        # A setting of the whole account and region, so it stays when a stage goes.
        cloud_watch_role=True,
        cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
        disable_execute_api_endpoint=settings.disable_default_endpoint,
        domain_name=_domain_name(scope, stage.domain) if stage.domain else None,
        deploy_options=_deploy_options(stage, access_log),
    )
    api.node.try_remove_child("Endpoint")
    made = cast("apigateway.CfnRestApi", api.node.default_child)
    made.security_policy, made.endpoint_access_mode = settings.security_policy, settings.endpoint_access_mode
    if stage.domain and stage.domain.hosted_zone:
        _address(scope, api, stage.domain.name, stage.domain.hosted_zone)
    if stage.firewall:
        WebFirewall(scope, stage=stage, firewall=stage.firewall, api=api)
    else:
        accept(api, "APIG3", "Known partners with tokens and limits each; a firewall is a setting of the stage.")
    _accept_findings(api)
    return api


def _settings(stage: Stage) -> Settings:
    return Settings(
        stage.named("api"),
        rate=stage.tiers[STANDARD].rate if len(stage.tiers) == 1 else None,
        security_policy=f"SecurityPolicy_{TLS.value}",
        endpoint_access_mode=ENDPOINT_ACCESS.value,
        disable_default_endpoint=stage.domain is not None,
    )


def _deploy_options(stage: Stage, access_log: logs.ILogGroup) -> apigateway.StageOptions:
    return apigateway.StageOptions(
        stage_name=stage.name,
        access_log_destination=apigateway.LogGroupLogDestination(access_log),
        access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
        logging_level=apigateway.MethodLoggingLevel.ERROR,
        data_trace_enabled=False,
        method_options=_open_methods(stage),
        throttling_rate_limit=stage.limit.rate,
        throttling_burst_limit=stage.limit.burst,
        # A trace of the gateway has the path, and that of a QR code is the code that installs an eSIM. The functions'
        # own traces have none.
        tracing_enabled=False,
    )


def url_of(api: apigateway.SpecRestApi, stage: Stage) -> str:
    """Return the base of every link.

    It is made from the API's id alone: its stage's own address would make functions and methods wait for each other.
    """
    if stage.domain:
        return f"https://{stage.domain.name}"
    return f"https://{api.rest_api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{stage.name}"


def _open_methods(stage: Stage) -> dict[str, apigateway.MethodDeploymentOptions]:
    """Limit the methods that need no token, and so have no API key with a limit, for all callers together.

    A method's settings replace the stage's, so they repeat what is logged.
    """
    limits = stage.tiers[STANDARD]
    options = apigateway.MethodDeploymentOptions(
        throttling_rate_limit=limits.rate,
        throttling_burst_limit=limits.burst,
        logging_level=apigateway.MethodLoggingLevel.ERROR,
        data_trace_enabled=False,
    )
    return {f"{route.path}/{route.method}": options for route in ROUTES if not route.scope}


def _domain_name(scope: Construct, domain: Domain) -> apigateway.DomainNameOptions:
    return apigateway.DomainNameOptions(
        domain_name=domain.name,
        certificate=acm.Certificate.from_certificate_arn(scope, "Certificate", domain.certificate_arn),
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=TLS,
        endpoint_access_mode=ENDPOINT_ACCESS,
    )


def _address(scope: Construct, api: apigateway.SpecRestApi, name: str, hosted_zone: HostedZone) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        scope, "Zone", hosted_zone_id=hosted_zone.id, zone_name=hosted_zone.name
    )
    alias = route53.RecordTarget.from_alias(targets.ApiGateway(api))
    route53.ARecord(scope, "Address", zone=zone, record_name=f"{name}.", target=alias)


def _accept_findings(api: apigateway.SpecRestApi) -> None:
    accept(api, "APIG2", "The doors check size, type, shape and rules, and name every fault at once (contract).")
    accept(api, "COG4", "The Lambda authorizer checks the token and maps the client to its partner and API key.")
    accept(
        api,
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        "The policy that API Gateway documents for the account's log role.",
    )
