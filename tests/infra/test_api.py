"""The REST API: every route, and the same refusals whoever makes them."""

import json
from typing import Any

from functions.routes import ROUTES, function_name, module_of
from tests.infra.template import Template, target, texts


def test_every_route_leads_to_its_door(template: Template) -> None:
    methods = _methods(template)
    for route in ROUTES:
        method = methods.pop((route.method, route.path))
        assert _door(template, method) == function_name(module_of(route))
        assert method["Integration"]["Type"] == "AWS_PROXY"
    assert {method for method, _ in methods} == {"ANY"}


def test_every_path_answers_every_method(template: Template) -> None:
    methods = _methods(template)
    paths = {_path(template, resource) for resource in template.of("ApiGateway::Resource")} | {"/"}
    assert {path for method, path in methods if method == "ANY"} == paths
    assert "/{proxy+}" in paths
    assert {_door(template, methods["ANY", path]) for path in paths} == {"not-found"}


def test_all_but_the_open_routes_need_a_token_and_count_for_a_key(template: Template) -> None:
    open_routes = {(route.method, route.path) for route in ROUTES if route.scope is None}
    assert open_routes == {
        *(("GET", path) for path in ("/", "/health", "/openapi.json", "/openapi.yaml", "/docs", "/llms.txt")),
        *(("HEAD", "/health"), ("GET", "/qrcode/v1/esim/{lpa}")),
    }
    for route, method in _methods(template).items():
        guarded = route not in open_routes
        assert (method["AuthorizationType"] == "CUSTOM") == guarded
        assert method.get("ApiKeyRequired", False) == guarded


def test_the_authorizer_names_the_key_and_is_asked_every_five_minutes(template: Template) -> None:
    assert template.one("ApiGateway::RestApi")["ApiKeySourceType"] == "AUTHORIZER"
    authorizer = template.one("ApiGateway::Authorizer")
    assert authorizer["AuthorizerResultTtlInSeconds"] <= 300
    assert authorizer["IdentitySource"] == "method.request.header.Authorization"


def test_the_standard_plan_has_the_contracts_limits(template: Template) -> None:
    plan = template.one("ApiGateway::UsagePlan")
    assert plan["Throttle"] == {"RateLimit": 100, "BurstLimit": 200}
    assert plan["ApiStages"]


def test_who_needs_no_key_has_a_limit_too(template: Template) -> None:
    settings = template.one("ApiGateway::Stage")["MethodSettings"]
    limited = {
        (setting["HttpMethod"], setting["ResourcePath"].replace("~1", "/").removeprefix("/") or "/")
        for setting in settings
        if setting.get("ThrottlingRateLimit") == 100 and setting.get("ThrottlingBurstLimit") == 200
    }
    assert limited == {(route.method, route.path) for route in ROUTES if route.scope is None}
    assert {setting["LoggingLevel"] for setting in settings} == {"ERROR"}


def test_the_stage_logs_and_traces_without_bodies(template: Template) -> None:
    stage = template.one("ApiGateway::Stage")
    assert stage["TracingEnabled"]
    assert not any(setting.get("DataTraceEnabled") for setting in stage["MethodSettings"])
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert logged["request_id"] == "$context.requestId"
    told = "requestId requestTimeEpoch httpMethod resourcePath status authorizer.partner error.responseType"
    told += " responseLatency xrayTraceId"
    assert set(logged.values()) == {f"$context.{name}" for name in told.split()}, "neither query, path nor address"


def test_pictures_can_pass(template: Template) -> None:
    assert template.one("ApiGateway::RestApi")["BinaryMediaTypes"] == ["*/*"]


TITLES = {
    400: "Invalid request parameters",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Resource not found",
    413: "Request body too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal error",
}


def test_the_gateway_refuses_as_our_code_does(template: Template) -> None:
    for kind, response in _gateway_responses(template).items():
        problem = json.loads(response["ResponseTemplates"]["application/json"])
        assert problem["status"] == int(response["StatusCode"]), kind
        assert problem["title"] == TITLES[problem["status"]]
        assert problem["correlation_id"] == "$context.requestId"
        headers = _headers(response)
        assert headers["Content-Type"] == "'application/problem+json'"
        assert headers["Correlation-Id"] == "context.requestId"
        assert headers["Api-Version"] == "'2026-02-05'"


def test_the_gateway_has_an_answer_of_ours_for_everything(template: Template) -> None:
    expected = {"UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "INVALID_API_KEY": "403", "REQUEST_TOO_LARGE": "413"}
    expected |= {"THROTTLED": "429", "QUOTA_EXCEEDED": "429", "DEFAULT_4XX": "400", "DEFAULT_5XX": "500"}
    responses = _gateway_responses(template)
    assert {kind: responses[kind]["StatusCode"] for kind in expected} == expected


def test_who_is_too_fast_learns_the_limit(template: Template) -> None:
    for kind in ("THROTTLED", "QUOTA_EXCEEDED"):
        response = _gateway_responses(template)[kind]
        (error,) = json.loads(response["ResponseTemplates"]["application/json"])["errors"]
        assert error["code"] == "rate_limit_exceeded"
        headers = _headers(response)
        assert headers["Retry-After"] == "'1'"
        assert headers["x-rate-limit-limit"] == "'100'"
        assert headers["x-rate-limit-remaining"] == "'0'"
        assert headers["x-rate-limit-reset"] == "context.requestTimeEpoch"


def _methods(template: Template) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method["HttpMethod"], _path(template, target(method["ResourceId"]))): method
        for method in template.of("ApiGateway::Method").values()
    }


def _path(template: Template, resource: str) -> str:
    resources = template.of("ApiGateway::Resource")
    if resource not in resources:
        return "/"
    parent = _path(template, target(resources[resource]["ParentId"]))
    return f"{parent.rstrip('/')}/{resources[resource]['PathPart']}"


def _door(template: Template, method: dict[str, Any]) -> str:
    """The function behind the alias that the integration names."""
    (alias,) = template.of("Lambda::Alias").keys() & set(texts(method["Integration"]["Uri"]))
    name = target(template.of("Lambda::Alias")[alias]["FunctionName"])
    return str(template.of("Lambda::Function")[name]["FunctionName"]).split("-", 3)[3]


def _gateway_responses(template: Template) -> dict[str, dict[str, Any]]:
    return {response["ResponseType"]: response for response in template.of("ApiGateway::GatewayResponse").values()}


def _headers(response: dict[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix("gatewayresponse.header."): value for name, value in response["ResponseParameters"].items()
    }
