"""The system on one machine answers as the deployed one."""

import json

import pytest

from infra.gateway_answers import DETAILS
from infra.gateway_responses import gateway_responses
from infra.local.gateway_refusals import Refused

KINDS = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""Every kind of answer that API Gateway gives by itself, with the status that it has unless it is changed."""
DEPLOYED = {response["statusCode"]: response for response in gateway_responses(rate=100).values()}


def test_no_kind_of_refusal_is_swallowed_by_another() -> None:
    """Each has its own answer, but for those whose status is the default's; a 504 is a 500 as any failure of ours."""
    answers = gateway_responses(rate=100)
    left = {kind: status for kind, status in KINDS.items() if kind not in answers}
    assert {kind: answers[kind]["statusCode"] for kind in KINDS.keys() & answers.keys()} == {
        kind: status for kind, status in KINDS.items() if kind in answers
    }
    assert {status for status in left.values() if status < 500} == {answers["DEFAULT_4XX"]["statusCode"]}
    assert {status for status in left.values() if status >= 500} == {500, 504}
    assert answers["DEFAULT_5XX"]["statusCode"] == 500


def test_every_answer_is_deployed() -> None:
    assert DEPLOYED.keys() == DETAILS.keys()


@pytest.mark.parametrize("status", DETAILS)
def test_the_gateways_answer_the_same(status: int) -> None:
    answer, deployed = Refused(status, rate=100, at=1.5).answer("$context.requestId"), DEPLOYED[status]
    assert json.loads(answer.body) == json.loads(deployed["responseTemplates"]["application/json"])
    headers = {
        name.removeprefix("gatewayresponse.header."): value for name, value in deployed["responseParameters"].items()
    }
    assert answer.headers.keys() == headers.keys()
    fixed = {name: value.strip("'") for name, value in headers.items() if value.startswith("'")}
    assert fixed.items() <= answer.headers.items()
