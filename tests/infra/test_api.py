"""The REST API: every route, and the same refusals from each of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from functions.routes import ROUTES, module_of
from infra.gateway_body import AUTHORIZER, NOT_FOUND
from infra.openapi.published import read
from tests.infra.gateway import Method, body, methods
from tests.infra.template import Template, texts

CHECKED_IN = [Method(*line) for line in json.loads(Path(__file__).with_name("methods.json").read_text())]
"""The methods of the stack when each was a resource of its own."""


def test_the_import_makes_the_methods_that_were_there(template: Template) -> None:
    made = methods(template)
    assert [method for method in CHECKED_IN if method not in made] == []


def test_every_route_leads_to_its_door(template: Template) -> None:
    made = {(each.method, each.path): each for each in methods(template)}
    for route in ROUTES:
        assert made.pop((route.method, route.path)).module == module_of(route)
    assert {method for method, _ in made} == {"ANY"}


def test_the_gateway_and_the_description_have_the_routes_of_the_table(template: Template) -> None:
    table = {(route.method, route.path) for route in ROUTES}
    described = {(method.upper(), path) for path, operations in read()["paths"].items() for method in operations}
    assert {(each.method, each.path) for each in methods(template) if each.method != "ANY"} == described == table


def test_the_body_is_a_valid_openapi_document(template: Template) -> None:
    document = body(template)
    assert document["openapi"] == "3.0.3"
    OpenAPIV30SpecValidator(document).validate()


def test_the_body_has_nothing_that_the_import_refuses_or_drops(template: Template) -> None:
    document = body(template)
    assert document.keys() & {"webhooks", "servers", "security"} == set()
    assert document["components"].keys() == {"securitySchemes"}
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {parameter["in"] for parameter in operation.get("parameters", [])} <= {"path"}
            assert "requestBody" not in operation


def test_every_path_answers_every_method(template: Template) -> None:
    elsewhere = [each for each in methods(template) if each.method == "ANY"]
    assert {each.path for each in elsewhere} == body(template)["paths"].keys()
    assert {"/", "/qrcode", "/qrcode/v1/esim", "/{proxy+}"} <= {each.path for each in elsewhere}
    assert {each.module for each in elsewhere} == {NOT_FOUND}


def test_all_but_the_open_routes_need_a_token_and_count_for_a_key(template: Template) -> None:
    open_routes = {(route.method, route.path) for route in ROUTES if route.scope is None}
    assert open_routes == {
        *(
            ("GET", path)
            for path in ("/", "/health", "/openapi.json", "/openapi.yaml", "/docs", "/docs/orders", "/llms.txt")
        ),
        *(("HEAD", "/health"), ("GET", "/qrcode/v1/esim/{lpa}")),
    }
    for each in methods(template):
        guarded = (each.method, each.path) not in open_routes
        assert (each.authorizer, each.key) == ((AUTHORIZER, True) if guarded else (None, False))


def test_the_gateway_may_call_what_it_leads_to_and_nothing_else(template: Template) -> None:
    (credentials,) = {each.credentials for each in methods(template)}
    (statement,) = template.statements(credentials)
    callable_ = {"".join(texts(arn)).split(":function:")[1] for arn in statement["Resource"]}
    addresses = {text for text in texts(body(template)["paths"]) if text.endswith("/invocations")}
    addresses.add(_authorizer(template)["authorizerUri"])
    called = {address.split(":function:")[1].removesuffix("/invocations") for address in addresses}
    assert (statement["Action"], callable_) == ("lambda:InvokeFunction", called)


def test_no_request_comes_in_before_the_functions_exist(template: Template) -> None:
    (deployment,) = (each for each in template.resources.values() if each["Type"] == "AWS::ApiGateway::Deployment")
    called = {each.module for each in methods(template)} | {AUTHORIZER}
    aliases = {
        name
        for name in template.of("Lambda::Alias")
        if template.function_behind(name)["Handler"].removesuffix(".handler") in called
    }
    assert len(aliases) == len(called)
    (credentials,) = {each.credentials for each in methods(template)}
    assert aliases | {credentials} <= set(deployment["DependsOn"])


def test_the_authorizer_names_the_key_and_is_asked_twice_a_minute(template: Template) -> None:
    assert body(template)["x-amazon-apigateway-api-key-source"] == "AUTHORIZER"
    authorizer = _authorizer(template)
    assert authorizer["type"] == "token"
    assert authorizer["authorizerResultTtlInSeconds"] == 30
    assert (
        authorizer["authorizerCredentials"]
        == body(template)["paths"]["/orders"]["get"]["x-amazon-apigateway-integration"]["credentials"]
    )


def test_tls_is_at_least_1_2_and_ready_for_quantum_computers(template: Template) -> None:
    api, document = template.one("ApiGateway::RestApi"), body(template)
    assert api["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert api["EndpointAccessMode"] == "STRICT"
    assert document["x-amazon-apigateway-security-policy"] == api["SecurityPolicy"]
    assert document["x-amazon-apigateway-endpoint-access-mode"] == api["EndpointAccessMode"]
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert api["DisableExecuteApiEndpoint"] is False


def test_web_pages_of_others_are_not_invited(template: Template) -> None:
    """Partners' servers are the clients: nothing answers a browser's preflight request, and no answer allows one."""
    assert not [each for each in methods(template) if each.method == "OPTIONS"]
    assert not [text for text in texts(template.one("ApiGateway::RestApi")) if "access-control" in text.lower()]


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


def test_the_stage_logs_without_bodies_and_traces_no_paths(template: Template) -> None:
    """The path of a QR code is the code that installs an eSIM."""
    stage = template.one("ApiGateway::Stage")
    assert stage["TracingEnabled"] is False
    assert not any(setting.get("DataTraceEnabled") for setting in stage["MethodSettings"])
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert logged["request_id"] == "$context.requestId"
    told = "requestId requestTimeEpoch httpMethod resourcePath status authorizer.partner error.responseType"
    told += " authorizer.principalId responseLatency"
    assert set(logged.values()) == {f"$context.{name}" for name in told.split()}, "neither query, path nor address"


def test_pictures_can_pass(template: Template) -> None:
    assert body(template)["x-amazon-apigateway-binary-media-types"] == ["*/*"]


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
        problem = json.loads(response["responseTemplates"]["application/json"])
        assert problem["status"] == response["statusCode"], kind
        assert problem["title"] == TITLES[problem["status"]]
        assert problem["correlation_id"] == "$context.requestId"
        headers = _headers(response)
        assert headers["Content-Type"] == "'application/problem+json'"
        assert headers["Correlation-Id"] == "context.requestId"
        assert headers["Api-Version"] == "'2026-02-05'"


def test_the_gateway_has_an_answer_of_ours_for_everything(template: Template) -> None:
    expected = {"UNAUTHORIZED": 401, "ACCESS_DENIED": 403, "INVALID_API_KEY": 403, "REQUEST_TOO_LARGE": 413}
    expected |= {"THROTTLED": 429, "QUOTA_EXCEEDED": 429, "DEFAULT_4XX": 400, "DEFAULT_5XX": 500}
    responses = _gateway_responses(template)
    assert {kind: responses[kind]["statusCode"] for kind in expected} == expected


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED"])
def test_who_is_too_fast_learns_the_limit(template: Template, kind: str) -> None:
    response = _gateway_responses(template)[kind]
    (error,) = json.loads(response["responseTemplates"]["application/json"])["errors"]
    assert error["code"] == "rate_limit_exceeded"
    headers = _headers(response)
    assert headers["Retry-After"] == "'1'"
    assert headers["x-rate-limit-limit"] == "'100'"
    assert headers["x-rate-limit-remaining"] == "'0'"
    assert headers["x-rate-limit-reset"] == "context.requestTimeEpoch"


def _authorizer(template: Template) -> dict[str, Any]:
    scheme = body(template)["components"]["securitySchemes"]["token"]
    authorizer: dict[str, Any] = scheme["x-amazon-apigateway-authorizer"]
    return authorizer


def _gateway_responses(template: Template) -> dict[str, dict[str, Any]]:
    responses: dict[str, dict[str, Any]] = body(template)["x-amazon-apigateway-gateway-responses"]
    return responses


def _headers(response: dict[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix("gatewayresponse.header."): value for name, value in response["responseParameters"].items()
    }
